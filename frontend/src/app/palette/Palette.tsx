import { useEffect, useId, useRef, useState } from "preact/hooks";

import { useDebounced } from "@/lib/debounced";
import { classes, Dialog, Icon, isEnter, TextField } from "@/ui";

import type { Feature, PaletteEntry } from "../feature";
import { ownEntries } from "./own";
import styles from "./palette.module.css";
import { t } from "./words";

interface PaletteProps {
  features: readonly Feature[];
  onClose: () => void;
}

/** One field for everything: chats, people, messages, pages, settings, actions. The focus stays in it; arrows choose. */
export function Palette({ features, onClose }: PaletteProps) {
  const id = useId();
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const [entries, isSearching] = useEntries(features, query);
  const list = useRef<HTMLUListElement>(null);
  const active = Math.min(chosen, entries.length - 1);

  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active]);
  const take = (entry: PaletteEntry | undefined) => {
    if (entry === undefined) return;
    // Closed first: it gives the focus back to where it was, and what was chosen may want it elsewhere.
    onClose();
    requestAnimationFrame(() => entry.run());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
    if (isEnter(event)) take(entries[active]);
    else if (step !== 0 && entries.length > 0) setChosen((active + step + entries.length) % entries.length);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog open onClose={onClose} title={t("palette")}>
      <div class={styles.palette}>
        <TextField
          type="search"
          label={t("palette")}
          hideLabel
          placeholder={t("placeholder")}
          value={query}
          onValue={(value) => {
            setQuery(value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
          autoComplete="off"
          spellcheck={false}
          autoFocus
          combobox={{ listId: `${id}-list`, activeId: active < 0 ? null : `${id}-${active}` }}
        />
        <ul ref={list} id={`${id}-list`} role="listbox" class={styles.list} aria-label={t("results")}>
          {entries.map((entry, index) => (
            <Row
              key={entry.key}
              id={`${id}-${index}`}
              entry={entry}
              isFirstOfKind={entries[index - 1]?.kind !== entry.kind}
              isActive={index === active}
              onTake={() => take(entry)}
            />
          ))}
        </ul>
        <p class={classes(entries.length > 0 && "visually-hidden", styles.status)} role="status">
          {isSearching ? t("searching") : entries.length === 0 ? t("nothing") : t("count", { count: entries.length })}
        </p>
      </div>
    </Dialog>
  );
}

interface RowProps {
  id: string;
  entry: PaletteEntry;
  isFirstOfKind: boolean;
  isActive: boolean;
  onTake: () => void;
}

function Row({ id, entry, isFirstOfKind, isActive, onTake }: RowProps) {
  return (
    <>
      {isFirstOfKind && (
        <li role="presentation" class={styles.kind}>
          {entry.kind}
        </li>
      )}
      <li
        id={id}
        role="option"
        aria-selected={isActive}
        class={styles.entry}
        onMouseDown={(event) => event.preventDefault()}
        onClick={onTake}
      >
        <Icon name={entry.icon} />
        <span class={styles.label} dir="auto">
          {entry.label}
        </span>
        {entry.detail !== undefined && (
          <span class={styles.detail} dir="auto">
            {entry.detail}
          </span>
        )}
        {entry.keys !== undefined && <kbd class={styles.hint}>{entry.keys}</kbd>}
      </li>
    </>
  );
}

/** Its own entries at once, the features' as they come, in the order of the features. */
function useEntries(features: readonly Feature[], query: string): [PaletteEntry[], boolean] {
  const settled = useDebounced(query.trim());
  const [brought, setBrought] = useState<ReadonlyMap<string, readonly PaletteEntry[]>>(new Map());
  const [waiting, setWaiting] = useState(0);
  useEffect(() => {
    const asked = new AbortController();
    const sources = features.filter(({ palette }) => palette !== undefined);
    const show = (name: string, found: readonly PaletteEntry[]) => {
      if (asked.signal.aborted) return;
      setBrought((before) => new Map(before).set(name, found));
      setWaiting((count) => count - 1);
    };
    setWaiting(sources.length);
    for (const { name, palette } of sources) {
      // What cannot be asked is left out: the rest leads somewhere all the same.
      void palette?.()
        .then(({ find }) => find(settled, asked.signal))
        .then((found) => show(name, found), () => show(name, []));
    }
    return () => asked.abort();
  }, [features, settled]);
  const found = features.flatMap(({ name }) => brought.get(name) ?? []);
  return [[...found, ...ownEntries(features, query.trim())], waiting > 0 || settled !== query.trim()];
}
