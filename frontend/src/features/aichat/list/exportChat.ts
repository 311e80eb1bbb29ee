import { readError } from "@/lib/api";

import { exportChat } from "../model/api";
import type { Chat } from "../types";

/** Fetched with the session and then saved: a plain link could not carry the token. */
export async function saveExport(chat: Chat, format: "markdown" | "json"): Promise<void> {
  const response = await exportChat(chat.id, format);
  if (!response.ok) throw await readError(response);
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = `${fileName(chat.title)}.${format === "markdown" ? "md" : "json"}`;
  link.click();
  // The browser reads the address after this turn.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function fileName(title: string): string {
  return title.replace(/[\\/:*?"<>|\p{Cc}]+/gu, " ").trim() || "chat";
}
