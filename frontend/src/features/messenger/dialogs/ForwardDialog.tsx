import { toast } from "@/ui";

import { useMessenger } from "../context";
import type { ShownMessage } from "../model";
import { summary } from "../parts/lines";
import { TargetsDialog } from "./TargetsDialog";
import { t } from "./words";

interface ForwardDialogProps {
  message: ShownMessage;
  onClose: () => void;
}

/** Choose where a message goes as well. */
export function ForwardDialog({ message, onClose }: ForwardDialogProps) {
  const messenger = useMessenger();
  const send = async (ids: readonly string[]) => {
    await messenger.conversation(message.conversation_id).forward(message.id, [...ids]);
    toast(t("forwarded", { count: ids.length }), { tone: "success" });
    onClose();
  };
  return <TargetsDialog quote={summary(message, null)} title={t("forwardTitle")} verb={t("forward")} onSend={send} onClose={onClose} />;
}
