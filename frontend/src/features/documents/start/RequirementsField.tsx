import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { isAbort } from "@/lib/api";
import { Alert, Badge, Button, classes, Icon, ProgressBar, useFileDrop } from "@/ui";

import { uploadRequirements } from "../model/api";
import page from "../page.module.css";
import type { Requirements } from "../shapes";
import { Trouble } from "../Trouble";
import styles from "./start.module.css";
import { t } from "./words";

interface Props {
  /** What was read of the file before. */
  requirements: Requirements | null;
  /** The document it belongs to, made where there is none yet; null where it cannot be made. */
  onBegin: () => Promise<string> | null;
  onRead: (documentId: string) => void;
}

/** The file with the requirements, and what was read of it: whoever drops one sees that it is used. */
export function RequirementsField({ requirements, onBegin, onRead }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const { sending, trouble, isTooEarly, send } = useSending(onBegin, onRead);
  const take = (files: FileList) => {
    if (files[0] !== undefined) void send(files[0]);
  };
  const { isOver, handlers } = useFileDrop(sending === null ? take : null);
  return (
    <section class={page.section} aria-labelledby="requirements">
      <h2 id="requirements" class={styles.heading}>
        {t("requirements")}
      </h2>
      <div class={classes(styles.drop, isOver && styles.over)} {...handlers}>
        {sending !== null ? <OnItsWay {...sending} /> : requirements !== null ? <Read requirements={requirements} /> : <Invitation isOver={isOver} />}
        {sending === null && (
          <Button icon="plus" onClick={() => input.current?.click()}>
            {t(requirements === null ? "choose" : "replace")}
          </Button>
        )}
        <input
          ref={input}
          type="file"
          hidden
          accept=".pdf,.docx,.txt"
          aria-label={t("choose")}
          onChange={(event) => {
            if (event.currentTarget.files !== null) take(event.currentTarget.files);
            event.currentTarget.value = "";
          }}
        />
      </div>
      {isTooEarly && <Alert tone="warning" title={t("topicFirst")} />}
      {trouble !== null && <Trouble title={t("fileRefused")} error={trouble} />}
    </section>
  );
}

function useSending(onBegin: Props["onBegin"], onRead: Props["onRead"]) {
  const sending = useSignal<{ name: string; share: number } | null>(null);
  const trouble = useSignal<unknown>(null);
  const isTooEarly = useSignal(false);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);
  const send = async (file: File) => {
    const begun = onBegin();
    isTooEarly.value = begun === null;
    trouble.value = null;
    if (begun === null) return;
    const { signal } = (abort.current = new AbortController());
    sending.value = { name: file.name, share: 0 };
    try {
      const id = await begun;
      await uploadRequirements(id, file, { signal, onProgress: (share) => (sending.value = { name: file.name, share }) });
      onRead(id);
    } catch (error) {
      if (!isAbort(error)) trouble.value = error;
    }
    sending.value = null;
  };
  return { sending: sending.value, trouble: trouble.value, isTooEarly: isTooEarly.value, send };
}

function Invitation({ isOver }: { isOver: boolean }) {
  return (
    <>
      <Icon name="file" size="l" />
      <strong>{t(isOver ? "dropNow" : "drop")}</strong>
      <span class={page.dim}>{t("requirementsHint")}</span>
    </>
  );
}

function OnItsWay({ name, share }: { name: string; share: number }) {
  const title = t("readingFile", { name });
  return (
    <div class={styles.sending} role="status">
      <strong dir="auto">{title}</strong>
      <ProgressBar value={share} max={1} label={title} tone="cyan" />
    </div>
  );
}

function Read({ requirements: { characters, preview, truncated } }: { requirements: Requirements }) {
  return (
    <div class={styles.read}>
      <p class={page.badges}>
        <strong>{t("characters", { count: characters })}</strong>
        <Badge tone="gold">{t("everyPrompt")}</Badge>
      </p>
      {truncated && <p>{t("clipped")}</p>}
      <blockquote class={styles.preview} dir="auto" tabIndex={0} aria-label={t("preview")}>
        {preview}
      </blockquote>
    </div>
  );
}
