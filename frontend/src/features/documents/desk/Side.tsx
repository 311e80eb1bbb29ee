import type { Signal } from "@preact/signals";

import { Button, classes } from "@/ui";

import { CitationList } from "../citations/CitationList";
import { CitationPanel } from "../citations/CitationPanel";
import { SourceList } from "../citations/SourceList";
import { t } from "../citations/words";
import type { References } from "../model/references";
import { sourceOf } from "../model/references";
import type { Citation } from "../shapes";
import styles from "./desk.module.css";

export type SideTab = "citations" | "sources";

interface Props {
  documentId: string;
  references: References;
  tab: Signal<SideTab>;
  isFiltered: Signal<boolean>;
  open: Citation | null;
  onOpen: (citation: Citation | null) => void;
}

/** What the text rests on: all citations, all sources, or one citation with everything that is known of it. */
export function Side({ documentId, references, tab, isFiltered, open, onOpen }: Props) {
  const { citations, sources } = references;
  if (open !== null) {
    const changed = (now: Citation) => citations.set((citations.data ?? []).map((one) => (one.id === now.id ? now : one)));
    return <CitationPanel key={open.id} documentId={documentId} citation={open} source={sourceOf(sources.data, open.source)} onChanged={changed} onClose={() => onOpen(null)} />;
  }
  return (
    <>
      <div class={styles.tabs} role="group" aria-label={t("side")}>
        {(["citations", "sources"] as const).map((one) => (
          <Button key={one} variant="ghost" aria-pressed={tab.value === one} data-on={tab.value === one} onClick={() => (tab.value = one)}>
            {t(one)}
          </Button>
        ))}
      </div>
      <div class={classes(styles.sideList)}>
        {tab.value === "citations" ? (
          <CitationList citations={citations} sources={sources.data} isFiltered={isFiltered} onOpen={onOpen} />
        ) : (
          <SourceList documentId={documentId} sources={sources} />
        )}
      </div>
    </>
  );
}
