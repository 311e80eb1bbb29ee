import { useSignal } from "@preact/signals";

import { Alert, Button, classes, Dialog, toast } from "@/ui";

import { approveFunctions } from "../model/api";
import type { AgentFunction } from "../shapes";
import { agentErrorText } from "../words/problems";
import styles from "./sources.module.css";
import { t } from "./words";

interface Props {
  agentId: string;
  row: AgentFunction;
  onReload: () => void;
  onClose: () => void;
}

/** What a source says of a function, beside what it said when it was approved. */
export function ApproveDialog({ agentId, row, onReload, onClose }: Props) {
  const isBusy = useSignal(false);
  const failure = useSignal<unknown>(null);
  const { name, changed, notices } = row;
  const before = { description: row.description, parameters: row.parameters };
  const after = { ...before, ...(changed ?? {}) };

  const approve = async () => {
    isBusy.value = true;
    try {
      await approveFunctions(agentId, [row], true);
      toast(t("approved"), { tone: "success" });
      onReload();
      onClose();
    } catch (error) {
      failure.value = error;
      // It may have changed once more: what it says now is what must be looked at.
      onReload();
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(changed === null ? "approveTitle" : "approveChanged", { name })}
      footer={
        <Button variant="primary" loading={isBusy.value} onClick={() => void approve()}>
          {t("approve")}
        </Button>
      }
    >
      <div class={styles.form}>
        {failure.value !== null && <Alert tone="danger" title={agentErrorText(failure.value)} />}
        <p>{t(changed === null ? "approveText" : "approveChangedText")}</p>
        {notices.length > 0 && (
          <Alert tone="warning" title={t("noticed")}>
            {notices.map((notice) => (
              <p key={notice}>{notice}</p>
            ))}
          </Alert>
        )}
        {changed === null ? (
          <>
            <Shown title={t("description")} text={before.description} />
            <Shown title={t("parameters")} text={JSON.stringify(before.parameters, null, 2)} />
          </>
        ) : (
          <>
            <Pair title={t("description")} before={before.description} after={after.description} />
            <Pair title={t("parameters")} before={JSON.stringify(before.parameters, null, 2)} after={JSON.stringify(after.parameters, null, 2)} />
          </>
        )}
      </div>
    </Dialog>
  );
}

function Shown({ title, text }: { title: string; text: string }) {
  return (
    <section>
      <h3>{title}</h3>
      <pre class={styles.code} dir="auto" tabIndex={0}>
        {text}
      </pre>
    </section>
  );
}

/** Line by line, what went and what came is marked; nothing of it is drawn as anything but text. */
function Pair({ title, before, after }: { title: string; before: string; after: string }) {
  if (before === after) {
    return (
      <section>
        <h3>{title}</h3>
        <p class={styles.dim}>{t("same")}</p>
      </section>
    );
  }
  return (
    <section>
      <h3>{title}</h3>
      <div class={styles.pair}>
        <Side title={t("before")} text={before} other={after} mark={styles.went} />
        <Side title={t("after")} text={after} other={before} mark={styles.came} />
      </div>
    </section>
  );
}

function Side({ title, text, other, mark }: { title: string; text: string; other: string; mark: string | undefined }) {
  const known = new Set(other.split("\n"));
  return (
    <div class={styles.side}>
      <h4>{title}</h4>
      <pre class={styles.code} dir="auto" tabIndex={0}>
        {text.split("\n").map((line, index) => (
          <span key={index} class={classes(!known.has(line) && mark)}>
            {`${line}\n`}
          </span>
        ))}
      </pre>
    </div>
  );
}
