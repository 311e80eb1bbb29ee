import { useSignal } from "@preact/signals";

import { Button, Skeleton } from "@/ui";

import { makePreview } from "../model/api";
import page from "../page.module.css";
import { Trouble } from "../Trouble";
import type { StageProps } from "./DocumentView";
import styles from "./files.module.css";
import { t } from "./words";

/** The beginning of the file and its translation, for nothing. */
export function Sample({ document: { id, preview, preview_state: state }, onChanged }: StageProps) {
  const trouble = useSignal<unknown>(null);
  const isBusy = useSignal(false);
  const make = async () => {
    isBusy.value = true;
    trouble.value = null;
    try {
      await makePreview(id);
    } catch (error) {
      trouble.value = error;
    }
    isBusy.value = false;
    onChanged();
  };
  return (
    <section class={styles.sample} aria-label={t("sample")}>
      {preview !== null ? (
        <div class={styles.sides}>
          <Side title={t("before")} text={preview.before} />
          <Side title={t("after")} text={preview.after} />
        </div>
      ) : state === "working" ? (
        <Skeleton lines={4} label={t("makingSample")} />
      ) : (
        <Button icon="eye" loading={isBusy.value} onClick={() => void make()}>
          {t("makeSample")}
        </Button>
      )}
      {trouble.value !== null && <Trouble title={t("sample")} error={trouble.value} />}
      <p class={page.dim}>{t("sampleHint")}</p>
    </section>
  );
}

function Side({ title, text }: { title: string; text: string }) {
  return (
    <figure class={styles.side}>
      <figcaption>{title}</figcaption>
      <p dir="auto" class={styles.page}>
        {text}
      </p>
    </figure>
  );
}
