import type { Signal } from "@preact/signals";

import type { Resource } from "@/lib/resource";
import { EmptyState, Loaded, Switch } from "@/ui";

import { counted, isOverridden, worst } from "../model/lamps";
import { sourceOf } from "../model/references";
import { shortName } from "../model/sources";
import page from "../page.module.css";
import type { Citation, Source } from "../shapes";
import styles from "./citations.module.css";
import { Lamps, lampsSaid } from "./Lamps";
import { t } from "./words";

interface Props {
  citations: Resource<Citation[]>;
  sources: readonly Source[] | null;
  /** Shows only what somebody should look at. */
  isFiltered: Signal<boolean>;
  onOpen: (citation: Citation) => void;
}

export function CitationList({ citations, sources, isFiltered, onOpen }: Props) {
  const nothing = (
    <EmptyState icon="link" title={t("noCitations")}>
      {t("noCitationsText")}
    </EmptyState>
  );
  return (
    <Loaded from={citations} empty={nothing}>
      {(all) => {
        const shown = isFiltered.value ? all.filter((one) => worst(one) !== "green" && !isOverridden(one)) : all;
        return (
          <>
            <p class={page.dim}>{t("counts", counted(all))}</p>
            <Switch label={t("notGreen")} checked={isFiltered.value} onChecked={(checked) => (isFiltered.value = checked)} />
            {shown.length === 0 ? <AllGreen /> : <Rows shown={shown} sources={sources} onOpen={onOpen} />}
          </>
        );
      }}
    </Loaded>
  );
}

function AllGreen() {
  return (
    <EmptyState icon="check" title={t("allGreen")}>
      {t("allGreenText")}
    </EmptyState>
  );
}

interface RowsProps extends Pick<Props, "sources" | "onOpen"> {
  shown: readonly Citation[];
}

function Rows({ shown, sources, onOpen }: RowsProps) {
  return (
    <ul class={styles.rows} aria-label={t("citations")}>
      {shown.map((citation) => {
        const source = sourceOf(sources, citation.source);
        return (
          <li key={citation.id}>
            <button type="button" class={styles.row} onClick={() => onOpen(citation)}>
              <span class={page.head}>
                <strong dir="auto">{source === null ? citation.source : shortName(source)}</strong>
                <Lamps citation={citation} />
                <span class="visually-hidden">{lampsSaid(citation)}</span>
              </span>
              <span class={styles.clipped} dir="auto">
                {citation.sentence}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
