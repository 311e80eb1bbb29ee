/** Where the endpoints are. */
export const ROOT = "/api/messenger";
export const PAGE = 50;
export const MOST = 100;

export function conversationUrl(id: string): string {
  return `${ROOT}/conversations/${encodeURIComponent(id)}`;
}

export function messageUrl(id: string): string {
  return `${ROOT}/messages/${encodeURIComponent(id)}`;
}

/** Empty and missing values are left out. */
export function query(values: Record<string, string | number | boolean | undefined>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}
