import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

import { IconButton, isComposing, TextArea, TextField } from "@/ui";

import type { Draft } from "../model/editing";
import type { Source } from "../shapes";
import styles from "./desk.module.css";
import { SourcePicker } from "./SourcePicker";
import { t } from "./words";

interface Props {
  draft: Draft;
  /** From 1. */
  number: number;
  sources: readonly Source[];
  error: string | null;
  onChange: (draft: Draft) => void;
  onRemove: () => void;
}

/** One block as one edits it. */
export function DraftField(props: Props) {
  const { draft, number, onRemove } = props;
  const name = nameOf(draft, number);
  return (
    <div class={styles.draft}>
      <Field {...props} name={name} />
      <IconButton icon="trash" label={t("removeBlock", { name })} onClick={onRemove} />
    </div>
  );
}

function nameOf(draft: Draft, number: number): string {
  switch (draft.kind) {
    case "heading":
      return t("heading");
    case "paragraph":
      return t("paragraph", { number });
    case "list":
      return t("list", { number });
    case "table":
      return t("table");
  }
}

function Field({ draft, sources, error, onChange, name }: Props & { name: string }) {
  switch (draft.kind) {
    case "heading":
      return <TextField label={name} value={draft.text} maxLength={300} onValue={(text) => onChange({ ...draft, text })} />;
    case "table":
      return <Cells draft={draft} onChange={onChange} />;
    default:
      return <Lines label={name} text={draft.text} sources={sources} error={error} onText={(text) => onChange({ ...draft, text })} />;
  }
}

interface LinesProps {
  label: string;
  text: string;
  sources: readonly Source[];
  error: string | null;
  onText: (text: string) => void;
}

/** `[` asks which source is meant; whoever closes the question has written the sign itself. */
function Lines({ label, text, sources, error, onText }: LinesProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const at = useSignal<number | null>(null);
  const caret = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (caret.current === null || at.value !== null) return;
    field.current?.focus();
    field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });
  const insert = (words: string) => {
    const place = at.peek() ?? text.length;
    caret.current = place + words.length;
    at.value = null;
    onText(text.slice(0, place) + words + text.slice(place));
  };
  return (
    <>
      <TextArea
        inputRef={field}
        label={label}
        rows={Math.min(14, Math.max(2, Math.ceil(text.length / 70) + text.split("\n").length - 1))}
        value={text}
        error={error ?? undefined}
        onValue={onText}
        onKeyDown={(event) => {
          if (event.key !== "[" || isComposing(event) || sources.length === 0) return;
          event.preventDefault();
          at.value = event.currentTarget.selectionStart;
        }}
      />
      {at.value !== null && <SourcePicker sources={sources} onPick={(key) => insert(text.slice(0, at.value ?? 0).endsWith(" ") ? `[${key}]` : ` [${key}]`)} onClose={() => insert("[")} />}
    </>
  );
}

function Cells({ draft, onChange }: { draft: Extract<Draft, { kind: "table" }>; onChange: (draft: Draft) => void }) {
  const { caption, header, rows } = draft;
  const all = [header, ...rows];
  const set = (row: number, column: number, value: string) => {
    const [first = [], ...rest] = all.map((cells, r) => (r === row ? cells.map((cell, c) => (c === column ? value : cell)) : cells));
    onChange({ ...draft, header: first, rows: rest });
  };
  return (
    <div class={styles.cells}>
      <TextField label={t("caption")} value={caption} maxLength={300} onValue={(value) => onChange({ ...draft, caption: value })} />
      <div class={styles.scroll}>
        <table class={styles.table}>
          <tbody>
            {all.map((cells, row) => (
              <tr key={row}>
                {cells.map((cell, column) => (
                  <td key={column}>
                    <TextField hideLabel label={t("cell", { row: row + 1, column: column + 1 })} value={cell} maxLength={1_000} onValue={(value) => set(row, column, value)} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
