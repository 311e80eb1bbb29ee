import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useRef } from "preact/hooks";

import { errorText } from "@/lib/errorText";
import { limit } from "@/lib/config";
import { language } from "@/lib/i18n";
import { useResource } from "@/lib/resource";
import { Alert, Button, Dialog, Loaded, Select, TextArea, TextField } from "@/ui";

import { changeGlossary, createGlossary, listLanguages, readGlossary } from "../model/api";
import { byName, recent } from "../model/languages";
import styles from "../page.module.css";
import type { Glossary, GlossaryWrite, Language } from "../shapes";
import { readEntries, writeEntries } from "./entries";
import { t } from "./words";

interface Props {
  /** Null for a new one. */
  glossary: Glossary | null;
  onClose: () => void;
  onSaved: () => void;
}

interface Form {
  name: string;
  from: string;
  to: string;
  lines: string;
}

/** A glossary is written as lines, which can be pasted from anywhere. */
export function GlossaryDialog({ glossary, onClose, onSaved }: Props) {
  const form = useSignal<Form>({ name: glossary?.name ?? "", from: glossary?.source_lang ?? "", to: glossary?.target_lang ?? "", lines: "" });
  const isBusy = useSignal(false);
  const trouble = useSignal<string | null>(null);
  const load = useCallback((signal: AbortSignal) => begin(glossary, signal), [glossary]);
  const begun = useResource(load);
  const set = (part: Partial<Form>) => {
    trouble.value = null;
    form.value = { ...form.peek(), ...part };
  };

  useEffect(() => {
    if (begun.data === null) return;
    const { lines, from, to } = begun.data;
    form.value = { ...form.peek(), lines, ...(glossary === null && { from, to }) };
  }, [begun.data, glossary, form]);

  const save = async () => {
    const written = checked(form.peek());
    if (typeof written === "string") {
      trouble.value = written;
      return;
    }
    isBusy.value = true;
    try {
      await (glossary === null ? createGlossary(written) : changeGlossary(glossary.id, written));
      onSaved();
    } catch (error) {
      trouble.value = errorText(error);
    }
    isBusy.value = false;
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={glossary === null ? t("make") : t("change", { name: glossary.name })}
      footer={
        <Button variant="primary" loading={isBusy.value} disabled={begun.data === null || form.value.name.trim() === ""} onClick={() => void save()}>
          {t("save")}
        </Button>
      }
    >
      <Loaded from={begun} lines={6}>
        {({ languages }) => <Fields form={form.value} languages={languages} isNew={glossary === null} onChange={set} />}
      </Loaded>
      {trouble.value !== null && <Alert tone="danger" title={trouble.value} />}
    </Dialog>
  );
}

interface FieldsProps {
  form: Form;
  languages: readonly Language[];
  /** The pair of one that is there stays. */
  isNew: boolean;
  onChange: (part: Partial<Form>) => void;
}

function Fields({ form: { name, from, to, lines }, languages, isNew, onChange }: FieldsProps) {
  const file = useRef<HTMLInputElement>(null);
  const options = byName(languages).map((one) => ({ value: one.code, label: one.name }));
  const { entries } = readEntries(lines);
  return (
    <div class={styles.section}>
      <TextField label={t("name")} value={name} maxLength={100} onValue={(value) => onChange({ name: value })} />
      <Select label={t("from")} value={from} options={options} disabled={!isNew} onValue={(value) => onChange({ from: value })} />
      <Select label={t("to")} value={to} options={options} disabled={!isNew} onValue={(value) => onChange({ to: value })} />
      <TextArea label={t("terms")} hint={t("termsHint")} rows={8} value={lines} onValue={(value) => onChange({ lines: value })} />
      <div class={styles.head}>
        <span class={styles.dim} aria-live="polite">
          {t("entries", { count: entries.length })}
        </span>
        <Button icon="file" onClick={() => file.current?.click()}>
          {t("fromFile")}
        </Button>
      </div>
      <input
        ref={file}
        type="file"
        hidden
        accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values"
        aria-label={t("fromFile")}
        onChange={async (event) => {
          const chosen = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (chosen !== undefined) onChange({ lines: [lines.trimEnd(), await chosen.text()].filter(Boolean).join("\n") });
        }}
      />
    </div>
  );
}

/** What the fields begin with; the entries of one that is there are no part of the list it was chosen from. */
async function begin(glossary: Glossary | null, signal: AbortSignal) {
  const [{ results: languages }, whole] = await Promise.all([
    listLanguages("", signal),
    glossary === null ? null : readGlossary(glossary.id, signal),
  ]);
  const has = (code: string | undefined) => code !== undefined && languages.some((one) => one.code === code);
  const to = [recent.peek()[0], language.peek()].find(has) ?? languages[0]?.code ?? "";
  const from = [...recent.peek(), "en", "uk"].find((code) => has(code) && code !== to) ?? languages[1]?.code ?? "";
  return { languages, lines: writeEntries(whole?.entries ?? []), from, to };
}

/** What is sent, or the sentence that says why nothing is. */
function checked({ name, from, to, lines }: Form): GlossaryWrite | string {
  const { entries, unread, twice } = readEntries(lines);
  const most = limit("translation_glossary_entries");
  if (from === "" || to === "" || from === to) return t("notALanguage");
  if (unread[0] !== undefined) return t("unread", { count: unread.length, line: unread[0] });
  if (twice !== null) return t("twice", twice);
  if (entries.length === 0) return t("none");
  if (entries.length > most) return t("tooMany", { most });
  return { name: name.trim(), source_lang: from, target_lang: to, entries };
}
