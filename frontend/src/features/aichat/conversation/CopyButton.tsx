import { useSignal } from "@preact/signals";

import { copyText } from "@/lib/clipboard";
import { IconButton, toast } from "@/ui";

import { t } from "../words";

const FEEDBACK_MS = 1500;

export function CopyButton({ text }: { text: () => string }) {
  const copied = useSignal(false);
  const copy = async () => {
    if (!(await copyText(text()))) {
      toast(t("copyFailed"), { tone: "danger" });
      return;
    }
    copied.value = true;
    setTimeout(() => (copied.value = false), FEEDBACK_MS);
  };
  return (
    <IconButton icon={copied.value ? "check" : "copy"} label={copied.value ? t("copied") : t("copy")} onClick={copy} />
  );
}
