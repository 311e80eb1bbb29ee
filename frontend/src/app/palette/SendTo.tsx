import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

import { toast } from "@/ui";

import type { Feature, SendToProps } from "../feature";
import { t } from "./words";

interface Props extends SendToProps {
  features: readonly Feature[];
}

/** The dialog of whichever feature can send a text to people. */
export function SendTo({ features, ...props }: Props) {
  const [Sender, setSender] = useState<ComponentType<SendToProps> | null>(null);
  const load = features.find(({ sendTo }) => sendTo !== undefined)?.sendTo;
  const { onClose } = props;
  useEffect(() => {
    load?.().then(
      (found) => setSender(() => found.default),
      () => {
        toast(t("notLoaded"), { tone: "danger" });
        onClose();
      },
    );
    // Once: the text is chosen anew by opening it anew.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return Sender === null ? null : <Sender {...props} />;
}
