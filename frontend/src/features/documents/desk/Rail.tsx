import { useLayoutEffect, useRef } from "preact/hooks";

import { classes, Icon } from "@/ui";
import type { IconName } from "@/ui";

import { isAtWork } from "../model/document";
import { numbered } from "../model/outline";
import type { SectionBrief, SectionStatus } from "../shapes";
import styles from "./desk.module.css";
import { t } from "./words";

const SIGNS: Record<SectionStatus, IconName> = {
  pending: "clock",
  researching: "search",
  writing: "edit",
  checking: "shield",
  styling: "palette",
  completed: "check",
  failed: "warning",
};

interface Props {
  documentId: string;
  sections: readonly SectionBrief[];
  /** The number of the one that is shown. */
  current: number | null;
}

/** All sections with how far they are; on a narrow screen a bar that is moved sideways. */
export function Rail({ documentId, sections, current }: Props) {
  const nav = useRef<HTMLElement>(null);
  const numbers = numbered(sections.map(({ level }) => level));
  // Only the bar is moved, never the page.
  useLayoutEffect(() => {
    const shown = nav.current?.querySelector<HTMLElement>("[aria-current]");
    if (nav.current && shown) nav.current.scrollLeft = shown.offsetLeft - nav.current.offsetLeft - (nav.current.clientWidth - shown.offsetWidth) / 2;
  }, [current]);
  return (
    <nav ref={nav} class={styles.rail} aria-label={t("rail")}>
      <ol class={styles.stops}>
        {sections.map(({ id, number, level, title, status }, index) => (
          <li key={id}>
            <a
              class={classes(styles.stop, styles[`level${level}`], isAtWork(status) && styles.atWork, status === "failed" && styles.failed)}
              href={`/app/documents/${documentId}/text?section=${number}`}
              aria-current={number === current ? "true" : undefined}
            >
              <Icon name={SIGNS[status]} size="s" />
              <span class={styles.stopWords}>
                <span class={styles.stopTitle} dir="auto">
                  {numbers[index]} {title}
                </span>
                <span class={styles.state}>{t(`section_${status}`)}</span>
              </span>
            </a>
          </li>
        ))}
      </ol>
    </nav>
  );
}
