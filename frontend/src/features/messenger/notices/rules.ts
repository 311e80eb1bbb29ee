/** Whether somebody wants to hear of a message: the rule of the server (`messenger/services/notifying.py`). */
import type { ConversationShape, MessageShape } from "../model";

type Level = Pick<ConversationShape, "notify">;
type Said = Pick<MessageShape, "mentions"> & { reply_to: { sender: { id: string } | null } | null };

export function wants({ notify }: Level, { mentions, reply_to: answered }: Said, me: string): boolean {
  if (notify === "none") return false;
  return notify === "all" || mentions.includes(me) || answered?.sender?.id === me;
}
