import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";

import { classes, Dialog, isEnter, TextField } from "@/ui";

import { facts } from "../model/sources";
import page from "../page.module.css";
import type { Source } from "../shapes";
import styles from "./desk.module.css";
import { t } from "./words";

interface Props {
  sources: readonly Source[];
  onPick: (key: string) => void;
  onClose: () => void;
}

/** Which source is cited: typing searches, arrows choose, Enter takes it. */
export function SourcePicker({ sources, onPick, onClose }: Props) {
  const wanted = useSignal("");
  const at = useSignal(0);
  const listId = useId();
  const found = sources.filter((source) => !source.is_excluded && fits(source, wanted.value));
  const active = Math.min(at.value, found.length - 1);
  const idOf = (index: number) => `${listId}-${index}`;
  return (
    <Dialog open title={t("pick")} onClose={onClose}>
      <TextField
        autoFocus
        type="search"
        label={t("pickSearch")}
        value={wanted.value}
        combobox={{ listId, activeId: found.length === 0 ? null : idOf(active) }}
        onValue={(value) => {
          wanted.value = value;
          at.value = 0;
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") at.value = Math.min(active + 1, found.length - 1);
          else if (event.key === "ArrowUp") at.value = Math.max(active - 1, 0);
          else if (isEnter(event)) {
            const chosen = found[active];
            if (chosen !== undefined) onPick(chosen.key);
          } else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      {found.length === 0 && <p>{t("noPick")}</p>}
      <ul id={listId} role="listbox" class={styles.picks} aria-label={t("pick")}>
        {found.map((source, index) => (
          <li key={source.id} id={idOf(index)} role="option" aria-selected={index === active} class={classes(styles.pick, index === active && styles.active)} onClick={() => onPick(source.key)}>
            <strong dir="auto">
              {source.key} {source.csl.title}
            </strong>
            <span class={page.dim} dir="auto">
              {facts(source)}
            </span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function fits(source: Source, wanted: string): boolean {
  const text = `${source.key} ${source.csl.title ?? ""} ${facts(source)}`.toLocaleLowerCase();
  return text.includes(wanted.trim().toLocaleLowerCase());
}
