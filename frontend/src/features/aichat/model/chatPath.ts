/** Where a chat is. */
export function chatPath(id: string): string {
  return `/app/chat/${id}`;
}
