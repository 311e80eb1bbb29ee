import { useSignal } from "@preact/signals";
import { useCallback } from "preact/hooks";

import { ApiError } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { usePaged } from "@/lib/paged";
import { Alert, Badge, Button, EmptyState, Loaded, TextArea, toast } from "@/ui";

import { changeSegment, listSegments, rebuild, retryDocument } from "../model/api";
import page from "../page.module.css";
import type { Segment } from "../shapes";
import { flagText } from "../flags";
import styles from "./files.module.css";
import type { StageProps } from "./stage";
import { t } from "./words";

/** Segments that came back with something changed, to be mended by hand; then the file is made anew for nothing. */
export function Review({ document, onChanged }: StageProps) {
  const { id, path, quality, status } = document;
  const isChanged = useSignal(false);
  if (path !== "in_place" || quality === null || quality.segments === 0) return null;
  const toSee = quality.flagged + quality.failed;
  if (toSee === 0 && !isChanged.value) return status === "completed" ? <Alert title={t("allFine")} /> : null;
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work();
      onChanged();
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
    }
  };
  const onSaved = () => {
    isChanged.value = true;
    toast(t("savedSegment"), { tone: "success" });
    onChanged();
  };
  return (
    <section class={page.section} aria-labelledby="review">
      <h3 id="review">{t("review")}</h3>
      {toSee > 0 ? (
        <p>{t("toReview", { count: toSee, all: quality.segments })}</p>
      ) : (
        <EmptyState icon="check" title={t("reviewEmpty")}>
          {t("reviewEmptyText")}
        </EmptyState>
      )}
      {quality.flagged > 0 && <Segments id={id} state="flagged" onSaved={onSaved} />}
      {quality.failed > 0 && <Segments id={id} state="failed" onSaved={onSaved} />}
      <div class={styles.buttons}>
        <Button variant={isChanged.value ? "primary" : "secondary"} icon="file" onClick={() => attempt(() => rebuild(id))}>
          {t("rebuild")}
        </Button>
        {toSee > 0 && (
          <Button icon="refresh" onClick={() => attempt(() => retryDocument(id, [], true))}>
            {t("retryFlagged")}
          </Button>
        )}
      </div>
      <p class={page.dim}>{t("rebuildHint")}</p>
    </section>
  );
}

function Segments({ id, state, onSaved }: { id: string; state: "flagged" | "failed"; onSaved: () => void }) {
  const load = useCallback((signal: AbortSignal) => listSegments(id, state, signal), [id, state]);
  const found = usePaged(load);
  const saved = (segment: Segment) => {
    found.change((all) => all.filter(({ number }) => number !== segment.number));
    onSaved();
  };
  return (
    <Loaded from={found}>
      {(all) => (
        <ol class={styles.segments}>
          {all.map((segment) => (
            <SegmentForm key={segment.number} documentId={id} segment={segment} onSaved={saved} />
          ))}
        </ol>
      )}
    </Loaded>
  );
}

/** Which marker is wrong, where that is it: a sentence about values would help nobody. */
function refusalText(error: unknown): string {
  const problems = error instanceof ApiError ? error.context.problems : undefined;
  if (!Array.isArray(problems)) return errorText(error);
  return `${problems.map((one) => flagText(String(one))).join(", ")}. ${t("markersHint")}`;
}

interface FormProps {
  documentId: string;
  segment: Segment;
  onSaved: (segment: Segment) => void;
}

function SegmentForm({ documentId, segment, onSaved }: FormProps) {
  const { number, source, flags } = segment;
  const target = useSignal(segment.target);
  const trouble = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const save = async () => {
    isBusy.value = true;
    trouble.value = null;
    try {
      onSaved(await changeSegment(documentId, number, target.value));
    } catch (error) {
      trouble.value = refusalText(error);
      isBusy.value = false;
    }
  };
  return (
    <li class={styles.segment}>
      <div>
        <p class={styles.label}>{t("source")}</p>
        <p dir="auto" class={styles.source}>
          {source}
        </p>
        <p class={styles.flags}>
          {flags.map((flag) => (
            <Badge key={flag} tone="gold">
              {flagText(flag)}
            </Badge>
          ))}
        </p>
      </div>
      <div>
        <TextArea label={t("target")} rows={3} value={target.value} hint={source.includes("⟦") ? t("markersHint") : undefined} error={trouble.value} onValue={(value) => (target.value = value)} />
        <Button icon="check" loading={isBusy.value} disabled={target.value.trim() === ""} onClick={() => void save()}>
          {t("save")}
        </Button>
      </div>
    </li>
  );
}
