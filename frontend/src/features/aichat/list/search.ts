export const SEARCH_ID = "chat-search";

export function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>(`#${SEARCH_ID} input`);
  field?.focus();
  field?.select();
}
