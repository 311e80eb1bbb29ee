import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { Alert, Button, Skeleton } from "@/ui";

import { makePreview } from "../model/api";
import page from "../page.module.css";
import type { TranslatedDocument } from "../shapes";
import { Trouble } from "../Trouble";
import styles from "./files.module.css";
import type { StageProps } from "./stage";
import { t } from "./words";

const LOOK_EVERY_MS = 2_000;
const LATE_AFTER_MS = 60_000;

/** The beginning of the file and its translation, for nothing. */
export function Sample({ document: { id, preview }, onChanged }: StageProps) {
  const state = useSignal<"idle" | "working" | "late">("idle");
  const trouble = useSignal<unknown>(null);
  const isWorking = state.value === "working" && preview === null;

  useEffect(() => {
    if (!isWorking) return;
    const look = setInterval(onChanged, LOOK_EVERY_MS);
    const end = setTimeout(() => (state.value = "late"), LATE_AFTER_MS);
    return () => {
      clearInterval(look);
      clearTimeout(end);
    };
  }, [isWorking, onChanged, state]);

  const make = async () => {
    state.value = "working";
    trouble.value = null;
    try {
      await makePreview(id);
      onChanged();
    } catch (error) {
      state.value = "idle";
      trouble.value = error;
    }
  };
  return (
    <section class={styles.sample} aria-label={t("sample")}>
      {preview !== null ? (
        <Sides preview={preview} />
      ) : isWorking ? (
        <Skeleton lines={4} label={t("makingSample")} />
      ) : (
        <Button icon="eye" onClick={() => void make()}>
          {t("makeSample")}
        </Button>
      )}
      {state.value === "late" && preview === null && <Alert tone="warning" title={t("sampleLate")} />}
      {trouble.value !== null && <Trouble title={t("sample")} error={trouble.value} />}
      <p class={page.dim}>{t("sampleHint")}</p>
    </section>
  );
}

function Sides({ preview: { segments } }: { preview: NonNullable<TranslatedDocument["preview"]> }) {
  return (
    <div class={styles.sides}>
      {(["source", "target"] as const).map((side) => (
        <figure key={side} class={styles.side}>
          <figcaption>{t(side === "source" ? "before" : "after")}</figcaption>
          <div class={styles.page} tabIndex={0} role="group" aria-label={t(side === "source" ? "before" : "after")}>
            {segments.map((segment, number) => (
              <p key={number} dir="auto">
                {segment[side]}
              </p>
            ))}
          </div>
        </figure>
      ))}
    </div>
  );
}
