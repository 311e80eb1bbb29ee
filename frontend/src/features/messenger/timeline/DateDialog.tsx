import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";

import { errorText } from "@/lib/errorText";
import { Button, Dialog } from "@/ui";

import type { ConversationView } from "../model";
import { dayKey } from "../parts/format";
import styles from "./pane.module.css";
import { t } from "./words";

interface Props {
  view: ConversationView;
  earliest: string;
  onClose: () => void;
  onFound: (seq: number) => void;
}

export function DateDialog({ view, earliest, onClose, onFound }: Props) {
  const id = useId();
  const date = useSignal(dayKey(new Date()));
  const failure = useSignal("");
  const busy = useSignal(false);

  const go = async () => {
    busy.value = true;
    failure.value = "";
    try {
      const seq = await view.jumpTo({ date: date.value });
      if (seq === null) failure.value = t("nothingThen");
      else onFound(seq);
    } catch (error) {
      failure.value = errorText(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <Dialog
      open
      title={t("goToDate")}
      onClose={onClose}
      footer={
        <Button variant="primary" type="submit" form={id} loading={busy.value}>
          {t("go")}
        </Button>
      }
    >
      <form
        id={id}
        class={styles.dateForm}
        onSubmit={(event) => {
          event.preventDefault();
          void go();
        }}
      >
        <p>{t("goToDateText")}</p>
        <label>
          <span>{t("date")}</span>
          <input
            type="date"
            required
            min={dayKey(earliest)}
            max={dayKey(new Date())}
            value={date.value}
            onInput={(event) => (date.value = event.currentTarget.value)}
          />
        </label>
        <p role="alert">{failure}</p>
      </form>
    </Dialog>
  );
}
