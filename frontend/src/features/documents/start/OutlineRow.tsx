import type { Signal } from "@preact/signals";

import { classes, Icon, IconButton, isTouch, Switch, TextArea, TextField } from "@/ui";

import type { Entry } from "../model/outline";
import type { OutlineEntry } from "../shapes";
import page from "../page.module.css";
import styles from "./start.module.css";
import { t } from "./words";

interface Props {
  entry: Entry;
  number: string;
  /** The key of the entry that is being dragged. */
  dragged: Signal<string | null>;
  onChange: (part: Partial<OutlineEntry>) => void;
  onMove: (by: 1 | -1) => void;
  onLevel: (by: 1 | -1) => void;
  onDrop: (key: string) => void;
  onAdd: () => void;
  onRemove: () => void;
}

const KEYS: Partial<Record<string, (props: Props) => void>> = {
  ArrowUp: ({ onMove }) => onMove(-1),
  ArrowDown: ({ onMove }) => onMove(1),
  ArrowLeft: ({ onLevel }) => onLevel(-1),
  ArrowRight: ({ onLevel }) => onLevel(1),
};

export function OutlineRow(props: Props) {
  const { entry, number, onChange } = props;
  const { level, title, goal, target_words: words, needs_sources: needsSources, isFixed } = entry;
  const isOver = props.dragged.value !== null && props.dragged.value !== entry.key && !isFixed;
  return (
    <li
      class={classes(styles.entry, styles[`level${level}`], isOver && styles.target)}
      data-key={entry.key}
      onKeyDown={(event) => {
        const act = event.altKey && !isFixed ? KEYS[event.key] : undefined;
        if (act === undefined) return;
        event.preventDefault();
        act(props);
      }}
      onDragOver={(event) => {
        if (isOver) event.preventDefault();
      }}
      onDrop={(event) => {
        if (!isOver || props.dragged.value === null) return;
        event.preventDefault();
        props.onDrop(props.dragged.value);
      }}
    >
      <div class={styles.top}>
        <Grip {...props} />
        <TextField hideLabel label={t("sectionName", { number })} value={title} disabled={isFixed} maxLength={300} onValue={(value) => onChange({ title: value })} />
      </div>
      {isFixed ? (
        <span class={page.dim}>{t("written")}</span>
      ) : (
        <>
          <div class={styles.rest}>
            <TextArea label={t("goal")} rows={2} maxLength={1_000} value={goal} onValue={(value) => onChange({ goal: value })} />
            <TextField label={t("wordCount")} value={Number.isNaN(words) ? "" : String(words)} onValue={(value) => onChange({ target_words: value.trim() === "" ? Number.NaN : Number(value) })} />
          </div>
          <div class={styles.facts}>
            <Switch label={t("needsSources")} checked={needsSources} onChecked={(checked) => onChange({ needs_sources: checked })} />
            <Tools {...props} />
          </div>
        </>
      )}
    </li>
  );
}

/** The number is what one drags it by. */
function Grip({ entry: { key, isFixed }, number, dragged }: Props) {
  if (isFixed || isTouch()) return <span class={classes(styles.grip, styles.fixed)}>{number}</span>;
  return (
    <span
      class={styles.grip}
      draggable
      title={t("grip", { number })}
      onDragStart={(event) => {
        event.dataTransfer?.setData("text/plain", key);
        dragged.value = key;
      }}
      onDragEnd={() => (dragged.value = null)}
    >
      {number}
      <Icon name="menu" size="s" />
    </span>
  );
}

function Tools({ number, onMove, onLevel, onAdd, onRemove }: Props) {
  return (
    <span class={styles.tools}>
      <IconButton icon="up" label={t("moveUp", { number })} onClick={() => onMove(-1)} />
      <IconButton icon="down" label={t("moveDown", { number })} onClick={() => onMove(1)} />
      <IconButton icon="left" label={t("outdent", { number })} onClick={() => onLevel(-1)} />
      <IconButton icon="right" label={t("indent", { number })} onClick={() => onLevel(1)} />
      <IconButton icon="plus" label={t("addAfter", { number })} onClick={onAdd} />
      <IconButton icon="trash" label={t("remove", { number })} onClick={onRemove} />
    </span>
  );
}
