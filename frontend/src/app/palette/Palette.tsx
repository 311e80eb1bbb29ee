import { useEffect, useId, useRef, useState } from "preact/hooks";

import { useDebounced } from "@/lib/debounced";
import { useWhenReady } from "@/lib/whenReady";
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
  const [chosen, setChosen] = useState("");
  const [entries, isSearching] = useEntries(features, query);
  const list = useRef<HTMLUListElement>(null);
  const place = entries.findIndex(({ key }) => key === chosen);
  const active = place < 0 ? Math.min(0, entries.length - 1) : place;

  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active]);
  const take = (entry: PaletteEntry | undefined) => {
    if (entry === undefined) return;
    // Closed first: it gives the focus back to where it was, and what was chosen may want it elsewhere.
    onClose();
    requestAnimationFrame(() => entry.run());
  };
  // Whoever types and presses Enter means the first that fits, which may be still on its way.
  const enter = useWhenReady(place >= 0 || !isSearching, () => take(entries[active]));
  const choose = (key: string) => {
    enter.forget();
    setChosen(key);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
    if (isEnter(event)) enter.press();
    else if (step !== 0 && entries.length > 0) choose(entries[(active + step + entries.length) % entries.length]?.key ?? "");
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
            choose("");
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

interface Brought {
  /** What those have been asked that are in ``answered``. */
  query: string;
  answered: ReadonlySet<string>;
  /** Of those who have not answered yet what they found before. */
  found: ReadonlyMap<string, readonly PaletteEntry[]>;
}

/** Its own entries at once, the features' as they come, in the order of the features; and whether some are to come. */
function useEntries(features: readonly Feature[], query: string): [PaletteEntry[], boolean] {
  const settled = useDebounced(query.trim());
  const [brought, setBrought] = useState<Brought>({ query: "", answered: new Set(), found: new Map() });
  useEffect(() => {
    const asked = new AbortController();
    const show = (name: string, entries: readonly PaletteEntry[]) => {
      if (asked.signal.aborted) return;
      setBrought(({ query: before, answered, found }) => ({
        query: settled,
        answered: new Set([...(before === settled ? answered : []), name]),
        found: new Map(found).set(name, entries),
      }));
    };
    for (const { name, palette } of sourcesOf(features)) {
      // What cannot be asked is left out: the rest leads somewhere all the same.
      void palette?.()
        .then(({ find }) => find(settled, asked.signal))
        .then((entries) => show(name, entries), () => show(name, []));
    }
    return () => asked.abort();
  }, [features, settled]);
  const found = features.flatMap(({ name }) => brought.found.get(name) ?? []);
  const answers = brought.query === settled ? brought.answered.size : 0;
  const isSearching = settled !== query.trim() || answers < sourcesOf(features).length;
  return [[...found, ...ownEntries(features, query.trim())], isSearching];
}

function sourcesOf(features: readonly Feature[]): Feature[] {
  return features.filter(({ palette }) => palette !== undefined);
}
