import { useSignal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { uuid } from "@/lib/uuid";
import { Alert, Button, toast } from "@/ui";

import { saveOutline } from "../model/api";
import { isConflict } from "../model/fault";
import { asSent, entriesOf, indented, inserted, LEAST_WORDS, MOST_WORDS, moved, numbered, pagesFor, problemOf, removed, totalWords, changed } from "../model/outline";
import type { Entry } from "../model/outline";
import page from "../page.module.css";
import type { PaperDocument } from "../shapes";
import { Trouble } from "../Trouble";
import { t as common } from "../words";
import { OutlineRow } from "./OutlineRow";
import styles from "./start.module.css";
import { t } from "./words";

interface Props {
  document: PaperDocument;
  onChanged: () => void;
  onDone: () => void;
  /** The button that makes another one. */
  again: ComponentChildren;
}

/** The outline as one edits it. It is saved as a whole, and only over the version that one has seen. */
export function OutlineForm({ document, onChanged, onDone, again }: Props) {
  const draft = useDraft(document);
  const isBusy = useSignal(false);
  const isAsked = useSignal(false);
  const trouble = useSignal<unknown>(null);
  const problem = problemOf(draft.entries);

  const save = async (next: () => void) => {
    isAsked.value = true;
    if (problem !== null) return;
    isBusy.value = true;
    trouble.value = null;
    try {
      if (draft.isChanged.peek()) draft.saved(await saveOutline(document.id, asSent(draft.entries), draft.version));
      onChanged();
      next();
    } catch (error) {
      trouble.value = error;
    }
    isBusy.value = false;
  };
  const load = () => {
    trouble.value = null;
    draft.drop();
    onChanged();
  };
  return (
    <section class={page.section} aria-label={t("outline")}>
      <p class={page.dim}>{t("outlineHint")}</p>
      <Entries draft={draft} />
      <div class={page.buttons}>
        <Button icon="plus" onClick={() => draft.change((all) => inserted(all, all.length - 1, uuid()))}>
          {t("add")}
        </Button>
        {draft.entries.every(({ isFixed }) => !isFixed) && again}
      </div>
      {isAsked.value && problem !== null && <Alert tone="danger" title={t(`problem_${problem}`, { least: LEAST_WORDS, most: MOST_WORDS })} />}
      {trouble.value !== null && (isConflict(trouble.value) ? <Conflict onLoad={load} /> : <Trouble title={t("outlineFailed")} error={trouble.value} />)}
      <footer class={styles.foot}>
        <Sum entries={draft.entries} planned={document.target_pages} />
        <div class={page.buttons}>
          <span class={page.dim} role="status">
            {draft.isChanged.value && t("unsaved")}
          </span>
          <Button disabled={!draft.isChanged.value} loading={isBusy.value} onClick={() => void save(() => toast(t("saved")))}>
            {common("save")}
          </Button>
          <Button variant="primary" icon="right" loading={isBusy.value} onClick={() => void save(onDone)}>
            {t("toStart")}
          </Button>
        </div>
      </footer>
    </section>
  );
}

interface Draft {
  entries: readonly Entry[];
  version: number;
  isChanged: Signal<boolean>;
  change: (by: (entries: readonly Entry[]) => readonly Entry[]) => void;
  saved: (outline: PaperDocument["outline"]) => void;
  drop: () => void;
}

/** What is being edited stays, whatever comes in meanwhile; saving it tells when the server has another version. */
function useDraft({ outline }: PaperDocument): Draft {
  const state = useSignal<Pick<Draft, "entries" | "version">>({ entries: entriesOf(outline.sections), version: outline.version });
  const isChanged = useSignal(false);
  useEffect(() => {
    if (!isChanged.peek()) state.value = { entries: entriesOf(outline.sections), version: outline.version };
  }, [outline, isChanged, state]);
  return {
    ...state.value,
    isChanged,
    change: (by) => {
      const entries = by(state.peek().entries);
      if (entries === state.peek().entries) return;
      state.value = { ...state.peek(), entries };
      isChanged.value = true;
    },
    saved: ({ sections, version }) => {
      isChanged.value = false;
      state.value = { entries: entriesOf(sections), version };
    },
    drop: () => {
      isChanged.value = false;
      state.value = { entries: entriesOf(outline.sections), version: outline.version };
    },
  };
}

function Entries({ draft: { entries, change } }: { draft: Draft }) {
  const dragged = useSignal<string | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const wanted = useRef<string | null>(null);
  const numbers = numbered(entries.map(({ level }) => level));
  // What was moved by keyboard keeps the focus.
  useEffect(() => {
    if (wanted.current === null) return;
    list.current?.querySelector<HTMLElement>(`[data-key="${wanted.current}"] input`)?.focus();
    wanted.current = null;
  }, [entries]);
  const remove = (entry: Entry) => {
    change((all) => removed(all, entry.key));
    toast(t("removed"), { action: { label: t("undo"), onSelect: () => change(() => entries) } });
  };
  return (
    <ol ref={list} class={styles.entries}>
      {entries.map((entry, index) => (
        <OutlineRow
          key={entry.key}
          entry={entry}
          number={numbers[index] ?? ""}
          dragged={dragged}
          onChange={(part) => change((all) => changed(all, entry.key, part))}
          onMove={(by) => {
            wanted.current = entry.key;
            change((all) => moved(all, index, index + by));
          }}
          onLevel={(by) => change((all) => indented(all, index, by))}
          onDrop={(key) =>
            change((all) =>
              moved(
                all,
                all.findIndex((one) => one.key === key),
                index,
              ),
            )
          }
          onAdd={() => change((all) => inserted(all, index, uuid()))}
          onRemove={() => remove(entry)}
        />
      ))}
    </ol>
  );
}

function Sum({ entries, planned }: { entries: readonly Entry[]; planned: number }) {
  const words = totalWords(entries);
  return (
    <p role="status">
      <strong>{t("sum", { words: common("words", { count: words }), sections: t("sections", { count: entries.length }), pages: common("pages", { count: pagesFor(words) }) })}</strong>
      <br />
      <span class={page.dim}>{t("sumPlanned", { pages: common("pages", { count: planned }) })}</span>
    </p>
  );
}

function Conflict({ onLoad }: { onLoad: () => void }) {
  return (
    <Alert tone="warning" title={common("changedElsewhere")} action={<Button onClick={onLoad}>{common("loadTheirs")}</Button>}>
      {common("changedElsewhereText")}
    </Alert>
  );
}
