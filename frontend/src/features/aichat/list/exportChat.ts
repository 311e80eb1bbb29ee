import { safeFileName, saveResponse } from "@/lib/saveFile";

import { exportChat } from "../model/api";
import type { Chat } from "../shapes";

export async function saveExport(chat: Chat, format: "markdown" | "json"): Promise<void> {
  const name = `${safeFileName(chat.title, "chat")}.${format === "markdown" ? "md" : "json"}`;
  await saveResponse(await exportChat(chat.id, format), name);
}
