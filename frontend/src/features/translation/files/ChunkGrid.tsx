import { useSignal } from "@preact/signals";

import { errorText } from "@/lib/errorText";
import { Alert, Button, classes, toast } from "@/ui";

import { retryDocument } from "../model/api";
import { faultText } from "../model/fault";
import type { Chunk } from "../shapes";
import styles from "./files.module.css";
import type { StageProps } from "./stage";
import { t } from "./words";

interface GridProps extends StageProps {
  /** The others are through. */
  canRetry?: boolean;
}

/** A square for each part; one that failed says why and can be tried again alone. */
export function ChunkGrid({ document: { id, chunks }, onChanged, canRetry = false }: GridProps) {
  const asked = useSignal<readonly number[]>([]);
  const failed = chunks.filter(({ state }) => state === "failed");
  const retry = async (numbers: readonly number[] | null) => {
    asked.value = numbers ?? failed.map(({ number }) => number);
    try {
      await retryDocument(id, numbers ?? []);
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
    }
    asked.value = [];
    onChanged();
  };
  if (chunks.length === 0) return null;
  return (
    <>
      <ol class={styles.grid} aria-label={t("gridName")}>
        {chunks.map((chunk) => (
          <li key={chunk.number}>
            <Square chunk={chunk} isBusy={asked.value.includes(chunk.number)} onRetry={canRetry ? () => void retry([chunk.number]) : null} />
          </li>
        ))}
      </ol>
      {failed.length > 0 && (
        <Alert
          tone="danger"
          title={t("failedParts", { count: failed.length })}
          action={
            canRetry && (
              <Button icon="refresh" loading={asked.value.length > 0} onClick={() => void retry(null)}>
                {t("retryAll")}
              </Button>
            )
          }
        >
          <p>{t(canRetry ? "failedText" : "failedLater")}</p>
          <Reasons failed={failed} />
        </Alert>
      )}
    </>
  );
}

function Square({ chunk, isBusy, onRetry }: { chunk: Chunk; isBusy: boolean; onRetry: (() => void) | null }) {
  const { number, state } = chunk;
  const look = classes(styles.square, styles[state], isBusy && styles.busy);
  if (state !== "failed" || onRetry === null) {
    return (
      <span class={look} role="img" aria-label={label(chunk)} title={label(chunk)}>
        {number}
      </span>
    );
  }
  return (
    <button
      type="button"
      class={look}
      disabled={isBusy}
      title={label(chunk)}
      aria-label={t("retryPart", { number, reason: reason(chunk) })}
      onClick={onRetry}
    >
      {number}
    </button>
  );
}

/** Each reason once, with the parts it is of. */
function Reasons({ failed }: { failed: readonly Chunk[] }) {
  const byReason = new Map<string, number[]>();
  for (const chunk of failed) byReason.set(reason(chunk), [...(byReason.get(reason(chunk)) ?? []), chunk.number]);
  return (
    <ul class={styles.reasons}>
      {[...byReason].map(([why, those]) => (
        <li key={why}>
          {those.join(", ")}: {why}
        </li>
      ))}
    </ul>
  );
}

function reason({ error }: Chunk): string {
  return error == null ? t("state_failed") : faultText(error);
}

function label({ number, pages, state }: Chunk): string {
  const said = t(`state_${state}`);
  const [from, to] = pages ?? [];
  return from === undefined || to === undefined ? t("part", { number, state: said }) : t("partPages", { number, from, to, state: said });
}
