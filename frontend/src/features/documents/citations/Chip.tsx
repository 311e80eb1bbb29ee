import { classes, Tooltip } from "@/ui";

import { isOverridden } from "../model/lamps";
import { shortName } from "../model/sources";
import type { Citation, Mark, Source } from "../shapes";
import styles from "./citations.module.css";
import { Lamps, lampsSaid } from "./Lamps";
import { t } from "./words";

interface Props {
  mark: Mark;
  citation: Citation | null;
  source: Source | null;
  isOpen: boolean;
  onOpen: () => void;
}

/** A citation in the text: whom it cites and its four lamps; the quoted words on hover and focus, all else in the panel. */
export function Chip({ mark, citation, source, isOpen, onOpen }: Props) {
  const name = source === null ? mark.s : shortName(source);
  if (citation === null) return <span class={styles.chip}>{name}</span>;
  return (
    <Tooltip text={citation.quote === "" ? t("noQuote") : `«${citation.quote}»`}>
      <button
        type="button"
        class={classes(styles.chip, isOpen && styles.open, isOverridden(citation) && styles.overridden)}
        aria-label={t("chip", { source: name, lamps: lampsSaid(citation) })}
        aria-pressed={isOpen}
        data-citation={citation.id}
        onClick={onOpen}
      >
        <span dir="auto">{name}</span>
        <Lamps citation={citation} />
      </button>
    </Tooltip>
  );
}
