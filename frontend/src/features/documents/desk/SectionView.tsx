import { useSignal } from "@preact/signals";
import { useCallback, useEffect } from "preact/hooks";

import { useResource } from "@/lib/resource";
import { Alert, EmptyState, Loaded, Skeleton } from "@/ui";

import { Chip } from "../citations/Chip";
import { readSection } from "../model/api";
import { isAtWork } from "../model/document";
import { keptEdit } from "../model/edits";
import { faultText } from "../model/fault";
import { citationAt, sourceOf } from "../model/references";
import type { References } from "../model/references";
import page from "../page.module.css";
import type { Citation, Section, SectionBrief } from "../shapes";
import { t as common } from "../words";
import { BlockText } from "./BlockText";
import styles from "./desk.module.css";
import { SectionEditor } from "./SectionEditor";
import { SectionTools } from "./SectionTools";
import { StyleDiff } from "./StyleDiff";
import { t } from "./words";

interface Props {
  documentId: string;
  brief: SectionBrief;
  /** "2.1" */
  label: string;
  references: References;
  /** The citation that the panel shows. */
  open: Citation | null;
  onOpen: (citation: Citation) => void;
  /** Something is being written: nothing else can be begun. */
  isBusy: boolean;
  onChanged: () => void;
}

/** One section: its text, or how far it is. */
export function SectionView(props: Props) {
  const { documentId, brief, label, references } = props;
  const { number, status, version } = brief;
  const load = useCallback((signal: AbortSignal) => readSection(documentId, number, signal), [documentId, number]);
  const resource = useResource(load);
  const { reload } = resource;
  const { reload: reloadReferences } = references;
  // It came to another state, or was changed elsewhere.
  useEffect(() => {
    reload();
    reloadReferences();
  }, [status, version, reload, reloadReferences]);
  return (
    <article class={styles.section} aria-labelledby="section">
      <h2 id="section" class={page.title} dir="auto">
        {label} {brief.title}
      </h2>
      <p class={page.dim}>
        {t(`section_${status}`)} · {brief.words > 0 ? common("words", { count: brief.words }) : t("planned", { words: common("words", { count: brief.target_words }) })}
      </p>
      {brief.error !== null && status === "failed" && (
        <Alert tone="danger" title={t("section_failed")}>
          {faultText(brief.error)}
        </Alert>
      )}
      {isAtWork(status) ? (
        <InWork status={status} />
      ) : (
        <Loaded from={resource} lines={8}>
          {(section) => <Written {...props} section={section} onSection={resource.set} onReload={reload} />}
        </Loaded>
      )}
    </article>
  );
}

/** A section is there as a whole, once its citations are checked. */
function InWork({ status }: Pick<SectionBrief, "status">) {
  return (
    <>
      <p>{t("waitsFor")}</p>
      <Skeleton lines={6} label={t(`section_${status}`)} />
    </>
  );
}

interface WrittenProps extends Props {
  section: Section;
  onSection: (section: Section) => void;
  onReload: () => void;
}

function Written(props: WrittenProps) {
  const { documentId, section, references, open, onOpen, onSection, onReload, onChanged } = props;
  const shows = useSignal<"text" | "edit" | "style">(keptEdit(documentId, section.number) === null ? "text" : "edit");
  const blocks = section.styled ?? section.content;
  if (blocks.length === 0) return <Unwritten section={section} />;
  const changed = (now: Section) => {
    onSection(now);
    references.reload();
    onChanged();
  };
  if (shows.value === "edit") {
    return (
      <SectionEditor
        documentId={documentId}
        section={section}
        sources={references.sources.data ?? []}
        onSaved={(now) => {
          shows.value = "text";
          changed(now);
        }}
        onReload={onReload}
        onClose={() => (shows.value = "text")}
      />
    );
  }
  return (
    <>
      <SectionTools section={section} isBusy={props.isBusy} shows={shows} />
      {shows.value === "style" ? (
        <StyleDiff documentId={documentId} section={section} onChanged={changed} />
      ) : (
        <BlockText
          blocks={blocks}
          chip={(mark) => {
            const citation = citationAt(references.citations.data, section.number, mark.n);
            return (
              <Chip
                mark={mark}
                citation={citation}
                source={sourceOf(references.sources.data, mark.s)}
                isOpen={citation !== null && open?.id === citation.id}
                onOpen={() => {
                  if (citation !== null) onOpen(citation);
                }}
              />
            );
          }}
        />
      )}
    </>
  );
}

function Unwritten({ section: { goal } }: { section: Section }) {
  return (
    <>
      <EmptyState icon="clock" title={t("noText")}>
        {t("noTextText")}
      </EmptyState>
      {goal !== "" && (
        <section>
          <h3>{t("goal")}</h3>
          <p dir="auto">{goal}</p>
        </section>
      )}
    </>
  );
}
