import { readError } from "./api";

/** Save what a call answered as a file: a plain link could not carry the token. Rejects with `ApiError`. */
export async function saveResponse(response: Response, name: string): Promise<void> {
  if (!response.ok) throw await readError(response);
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads the address after this turn.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A title without what file systems refuse. */
export function safeFileName(title: string, fallback: string): string {
  return title.replace(/[\\/:*?"<>|\p{Cc}]+/gu, " ").trim() || fallback;
}
