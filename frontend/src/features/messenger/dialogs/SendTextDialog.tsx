import type { SendToProps } from "@/app/feature";
import { limit } from "@/lib/config";
import { toast } from "@/ui";

import { useMessenger } from "../context";
import { quotation } from "../model/quotation";
import { pieces } from "./pieces";
import { TargetsDialog } from "./TargetsDialog";
import { t } from "./words";

/** Choose to whom a text goes that was not said here, such as a model's answer. */
export default function SendTextDialog({ text, onClose }: SendToProps) {
  const messenger = useMessenger();
  const send = (ids: readonly string[]) => {
    // The queue keeps them through a tunnel and a reload, in their order.
    for (const id of ids) for (const content of pieces(text, limit("max_chat_text_chars"))) messenger.conversation(id).send({ content });
    toast(t("sentTo", { count: ids.length }), { tone: "success" });
    onClose();
    return Promise.resolve();
  };
  return <TargetsDialog quote={quotation(text)} title={t("sendTitle")} verb={t("send")} onSend={send} onClose={onClose} />;
}
