/** One's conversation with oneself has a name in the reader's language; the server's is for others' programs. */
import type { ConversationShape } from "./shapes";
import { t } from "./words";

export function named<T extends ConversationShape | null>(conversation: T): T {
  return conversation?.is_saved ? { ...conversation, name: t("saved") } : conversation;
}
