import { useEffect, useState } from "preact/hooks";

import type { SendToProps } from "@/app/feature";
import { withFiles } from "@/lib/bridge";
import { limit } from "@/lib/config";
import { uuid } from "@/lib/uuid";
import { toast } from "@/ui";

import { useMessenger } from "../context";
import type { Messenger } from "../model";
import { quotation } from "../model/quotation";
import { pieces } from "./pieces";
import { TargetsDialog } from "./TargetsDialog";
import { t } from "./words";

/** Choose to whom a text goes that was not said here, such as a model's answer. */
export default function SendTextDialog({ text, onClose }: SendToProps) {
  const messenger = useMessenger();
  // For as long as the dialog is there: what comes after it is another's.
  const [{ files, taken }] = useState(() => withFiles.peek() ?? { files: [], taken: undefined });
  useEffect(() => () => void (withFiles.value = null), []);
  const send = (ids: readonly string[]) => {
    // The queue keeps them through a tunnel and a reload, in their order.
    for (const id of ids) {
      const view = messenger.conversation(id);
      const albumId = files.length > 1 ? uuid() : null;
      for (const file of files) view.send({ content: "", file, albumId });
      for (const content of pieces(text, limit("max_chat_text_chars"))) view.send({ content });
    }
    if (taken !== undefined) whenKept(messenger, taken);
    toast(t("sentTo", { count: ids.length }), { tone: "success" });
    onClose();
    return Promise.resolve();
  };
  return <TargetsDialog quote={quotation(text) || files.map(({ name }) => name).join(", ")} title={t("sendTitle")} verb={t("send")} onSend={send} onClose={onClose} />;
}

/** Once the disk has what was sent; until then whoever kept it before is the only one who would bring it back. */
function whenKept(messenger: Messenger, then: () => void): void {
  let end: (() => void) | null = null;
  end = messenger.isUnkept.subscribe((isUnkept) => {
    if (isUnkept) return;
    then();
    queueMicrotask(() => end?.());
  });
}
