import { api } from "@/lib/api";
import { hasModule } from "@/lib/config";
import { navigate } from "@/lib/router";
import { uuid } from "@/lib/uuid";

import { t } from "./words";

/** Whether there are conversations to add it to. */
export function canTalk(): boolean {
  return hasModule("messenger");
}

/** Makes the direct conversation, or finds it, says hello in a new one, and goes there. */
export async function addToConversation(userId: string): Promise<void> {
  const conversation = await api.post("/api/messenger/conversations", { body: { type: "direct", participant_ids: [userId] } });
  if (conversation.last_message === null) {
    const body = { content: t("hello"), client_id: uuid() };
    await api.post("/api/messenger/conversations/{conversation_id}/messages", { path: { conversation_id: conversation.id }, body });
  }
  navigate(`/app/messages/${conversation.id}`);
}
