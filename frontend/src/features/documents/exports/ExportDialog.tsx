import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";

import { fileSize } from "@/lib/fileSize";
import { formatDate } from "@/lib/i18n";
import type { Resource } from "@/lib/resource";
import { safeFileName, saveResponse } from "@/lib/saveFile";
import { Alert, Button, Dialog, Loaded, ProgressBar, Select } from "@/ui";

import { makeExport, openExport } from "../model/api";
import { counted, stopsExport } from "../model/lamps";
import page from "../page.module.css";
import type { Citation, Export, Format, PaperDocument, Preset } from "../shapes";
import { Trouble } from "../Trouble";
import styles from "./exports.module.css";
import { t } from "./words";

const LAYOUTS: readonly Preset[] = ["", "dstu-3008", "apa", "university"];
const FORMATS: readonly Format[] = ["docx", "pdf"];

interface Props {
  document: PaperDocument;
  citations: Resource<Citation[]>;
  /** Shows what keeps it from being exported. */
  onShowWrong: () => void;
  onClose: () => void;
}

/** A file of the document: what of it was checked, how it is to look, and where it is. */
export function ExportDialog({ document, citations, onShowWrong, onClose }: Props) {
  const format = useSignal<Format>("docx");
  const layout = useSignal<Preset>(document.language === "uk" ? "dstu-3008" : "");
  const making = useMaking(document.id);
  const left = document.outline.sections.filter(({ status }) => status !== "completed").length;
  return (
    <Dialog open title={t("title")} onClose={onClose}>
      <div class={page.section}>
        <Loaded from={citations} lines={2}>
          {(all) => <Checked citations={all} onShowWrong={onShowWrong} />}
        </Loaded>
        {left > 0 && <Alert tone="warning" title={t("unfinished", { count: left })} />}
        {making.made !== null ? (
          <Ready title={document.title} documentId={document.id} made={making.made} onAnother={making.forget} />
        ) : making.isBusy ? (
          <Making />
        ) : (
          <>
            <Formats value={format.value} onValue={(value) => (format.value = value)} />
            <Select
              label={t("layout")}
              value={layout.value}
              options={LAYOUTS.map((id) => ({ value: id, label: t(`layout_${id}`) }))}
              onValue={(value) => (layout.value = value as Preset)}
            />
            {making.trouble !== null && <Trouble title={t("failed")} error={making.trouble} />}
            <div class={page.buttons}>
              <Button
                variant="primary"
                icon="file"
                disabled={citations.data?.some(stopsExport) ?? true}
                onClick={() => void making.make(format.value, layout.value)}
              >
                {t("make")}
              </Button>
            </div>
          </>
        )}
      </div>
    </Dialog>
  );
}

function useMaking(documentId: string) {
  const made = useSignal<Export | null>(null);
  const isBusy = useSignal(false);
  const trouble = useSignal<unknown>(null);
  const isGone = useRef(false);
  useEffect(
    () => () => {
      isGone.current = true;
    },
    [],
  );
  const make = async (format: Format, layout: Preset) => {
    isBusy.value = true;
    trouble.value = null;
    try {
      const done = await makeExport(documentId, format, layout);
      if (!isGone.current) made.value = done;
    } catch (error) {
      trouble.value = error;
    }
    isBusy.value = false;
  };
  return { made: made.value, isBusy: isBusy.value, trouble: trouble.value, make, forget: () => (made.value = null) };
}

function Checked({ citations, onShowWrong }: { citations: readonly Citation[]; onShowWrong: () => void }) {
  const wrong = citations.filter(stopsExport).length;
  const counts = counted(citations);
  return (
    <section class={page.words} aria-label={t("checked")}>
      <p>{citations.length === 0 ? t("none") : t("counts", { all: t("citations", { count: citations.length }), ...counts })}</p>
      {citations.length > counts.green && <p class={page.dim}>{t("appendix")}</p>}
      {wrong > 0 && (
        <Alert tone="danger" title={t("stops", { count: wrong })} action={<Button onClick={onShowWrong}>{t("showThem")}</Button>}>
          {t("stopsText")}
        </Alert>
      )}
    </section>
  );
}

function Formats({ value, onValue }: { value: Format; onValue: (format: Format) => void }) {
  const name = useId();
  return (
    <fieldset class={styles.formats}>
      <legend>{t("format")}</legend>
      {FORMATS.map((format) => (
        <label key={format} class={styles.format} data-on={format === value}>
          <input type="radio" name={name} class="visually-hidden" checked={format === value} onChange={() => onValue(format)} />
          <strong>{t(format)}</strong>
          <span class={page.dim}>{t(`${format}Hint`)}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Making() {
  return (
    <div class={page.words} role="status">
      <strong>{t("making")}</strong>
      <div class={page.endless}>
        <ProgressBar value={1} max={1} label={t("making")} tone="cyan" />
      </div>
      <span class={page.dim}>{t("makingText")}</span>
    </div>
  );
}

interface ReadyProps {
  title: string;
  documentId: string;
  made: Export;
  onAnother: () => void;
}

function Ready({ title, documentId, made, onAnother }: ReadyProps) {
  const isBusy = useSignal(false);
  const trouble = useSignal<unknown>(null);
  const save = async () => {
    isBusy.value = true;
    trouble.value = null;
    try {
      await saveResponse(await openExport(documentId, made.format), `${safeFileName(title, "document")}.${made.format}`);
    } catch (error) {
      trouble.value = error;
    }
    isBusy.value = false;
  };
  return (
    <>
      <p role="status">
        <strong>{t("ready")}</strong>
      </p>
      {made.expires_at !== null && <p class={page.dim}>{t("expires", { date: formatDate(made.expires_at, { dateStyle: "long" }) })}</p>}
      {trouble.value !== null && <Trouble title={t("failed")} error={trouble.value} />}
      <div class={page.buttons}>
        <Button variant="primary" icon="download" loading={isBusy.value} onClick={() => void save()}>
          {t("download", { size: fileSize(made.file_size) })}
        </Button>
        <Button onClick={onAnother}>{t("another")}</Button>
      </div>
    </>
  );
}
