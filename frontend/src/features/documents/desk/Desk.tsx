import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { query } from "@/lib/router";
import { Button, Dialog, EmptyState, lazily, useBreakpoint } from "@/ui";

import { t as citationWords } from "../citations/words";
import { isAtWork, isLive } from "../model/document";
import { numbered } from "../model/outline";
import { useReferences } from "../model/references";
import page from "../page.module.css";
import type { Citation, PaperDocument, SectionBrief } from "../shapes";
import styles from "./desk.module.css";
import { Rail } from "./Rail";
import { RunBar } from "./RunBar";
import { SectionView } from "./SectionView";
import { Side } from "./Side";
import type { SideTab } from "./Side";
import { t } from "./words";

const ExportDialog = lazily(async () => (await import("../exports/ExportDialog")).ExportDialog);

interface Props {
  document: PaperDocument;
  onChanged: () => void;
}

/** Where a document is written, read and mended: its sections, the text of one of them, and what it rests on. */
export function Desk({ document, onChanged }: Props) {
  const { id, outline, run } = document;
  const { sections } = outline;
  const references = useReferences(id);
  const shown = shownSection(sections, query.value.get("section"));
  const isExporting = useSignal(false);
  const side = useSide(references.citations.data);
  if (shown === null) {
    return <EmptyState icon="edit" title={t("noText")} action={<Button href={`/app/documents/${id}/outline`}>{t("editOutline")}</Button>} />;
  }
  const label = numbered(sections.map(({ level }) => level))[sections.indexOf(shown)] ?? "";
  const panel = <Side documentId={id} references={references} tab={side.tab} isFiltered={side.isFiltered} open={side.open} onOpen={side.show} />;
  return (
    <>
      <RunBar document={document} onChanged={onChanged} />
      <div class={page.buttons}>
        {sections.some(({ status }) => status === "completed") && (
          <Button variant={isLive(run) ? "secondary" : "primary"} icon="download" onClick={() => (isExporting.value = true)}>
            {t("export")}
          </Button>
        )}
        {!side.isWide && (
          <Button icon="link" onClick={() => (side.isOut.value = true)}>
            {t("panel")}
          </Button>
        )}
        <span class={`${page.dim} ${styles.keys}`}>{t("keysHint")}</span>
      </div>
      <div class={styles.desk}>
        <Rail documentId={id} sections={sections} current={shown.number} />
        <SectionView
          key={shown.id}
          documentId={id}
          brief={shown}
          label={label}
          references={references}
          open={side.open}
          onOpen={side.show}
          isBusy={isLive(run)}
          onChanged={onChanged}
        />
        {side.isWide && (
          <aside class={styles.side} aria-label={citationWords("side")}>
            {panel}
          </aside>
        )}
      </div>
      {!side.isWide && (
        <Dialog open={side.isOut.value} title={citationWords("side")} onClose={() => (side.isOut.value = false)}>
          {panel}
        </Dialog>
      )}
      {isExporting.value && (
        <ExportDialog
          document={document}
          citations={references.citations}
          onShowWrong={() => {
            isExporting.value = false;
            side.showDoubtful();
          }}
          onClose={() => (isExporting.value = false)}
        />
      )}
    </>
  );
}

/** The one that the address names; else the one at work, the one that failed, or the first. */
export function shownSection(sections: readonly SectionBrief[], named: string | null): SectionBrief | null {
  const asked = named === null ? undefined : sections.find(({ number }) => String(number) === named);
  return asked ?? sections.find(({ status }) => isAtWork(status)) ?? sections.find(({ status }) => status === "failed") ?? sections[0] ?? null;
}

/** The panel stands beside the text where there is room, else above it. `[` shows the sources. */
function useSide(citations: readonly Citation[] | null) {
  const isWide = useBreakpoint("wide");
  const tab = useSignal<SideTab>("citations");
  const isFiltered = useSignal(false);
  const isOut = useSignal(false);
  const openId = useSignal<string | null>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isWriting = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, dialog[open]") !== null;
      if (event.key !== "[" || isWriting || event.ctrlKey || event.metaKey) return;
      openId.value = null;
      tab.value = "sources";
      isOut.value = true;
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [isOut, openId, tab]);
  const show = (citation: Citation | null) => {
    openId.value = citation?.id ?? null;
    if (citation !== null) isOut.value = true;
  };
  const showDoubtful = () => {
    openId.value = null;
    tab.value = "citations";
    isFiltered.value = true;
    isOut.value = true;
  };
  return { isWide, tab, isFiltered, isOut, show, showDoubtful, open: citations?.find(({ id }) => id === openId.value) ?? null };
}
