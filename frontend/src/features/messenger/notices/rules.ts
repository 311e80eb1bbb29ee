/** Whether somebody wants to hear of a message: the rule of the server (`messenger/services/notifying.py`). */
import type { ConversationShape, MessageShape } from "../model";
import { names } from "../model/reducer";

type Level = Pick<ConversationShape, "notify">;
type Said = Pick<MessageShape, "mentions" | "conversation_id"> & { reply_to: { sender: { id: string } | null } | null };

export function wants({ notify }: Level, message: Said, me: string): boolean {
  if (notify === "none") return false;
  return notify === "all" || names(message, me) || message.reply_to?.sender?.id === me;
}
