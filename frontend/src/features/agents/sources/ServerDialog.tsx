import { useSignal } from "@preact/signals";

import { Alert, Button, Dialog } from "@/ui";

import type { Imported } from "../shapes";
import { agentErrorText } from "../words/problems";
import styles from "./sources.module.css";
import { t } from "./words";

interface Props {
  servers: Imported["servers"];
  isBusy: boolean;
  failure: unknown;
  onChoose: (url: string) => void;
  onClose: () => void;
}

/** A document may name several servers; its owner chooses the one that is called, and the model never does. */
export function ServerDialog({ servers, isBusy, failure, onChoose, onClose }: Props) {
  const chosen = useSignal(servers[0]?.url ?? "");
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("whichServer")}
      footer={
        <Button variant="primary" loading={isBusy} onClick={() => onChoose(chosen.value)}>
          {t("go")}
        </Button>
      }
    >
      <div class={styles.form}>
        {failure !== null && <Alert tone="danger" title={agentErrorText(failure)} />}
        <p>{t("whichServerText")}</p>
        <fieldset class={styles.group}>
          <legend class="visually-hidden">{t("whichServer")}</legend>
          {servers.map(({ url, description }) => (
            <label key={url} class={styles.choice}>
              <input type="radio" name="server" value={url} checked={chosen.value === url} onChange={() => (chosen.value = url)} />
              <span class={styles.choiceWords}>
                <strong dir="ltr">{url}</strong>
                <span class={styles.dim}>{description}</span>
              </span>
            </label>
          ))}
        </fieldset>
      </div>
    </Dialog>
  );
}
