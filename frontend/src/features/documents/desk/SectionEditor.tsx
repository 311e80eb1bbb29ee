import { useSignal } from "@preact/signals";
import type { Signal } from "@preact/signals";

import { uuid } from "@/lib/uuid";
import { Alert, Button, ConfirmDialog, isEnter, toast } from "@/ui";

import { changeSection } from "../model/api";
import { blocksOf, draftsOf } from "../model/editing";
import type { Draft, Refusal } from "../model/editing";
import { dropEdit, keepEdit, keptEdit } from "../model/edits";
import type { Edit } from "../model/edits";
import { isConflict } from "../model/fault";
import page from "../page.module.css";
import type { Section, Source } from "../shapes";
import { Trouble } from "../Trouble";
import { t as common } from "../words";
import { DraftField } from "./DraftField";
import styles from "./desk.module.css";
import { t } from "./words";

interface Props {
  documentId: string;
  section: Section;
  sources: readonly Source[];
  onSaved: (section: Section) => void;
  onReload: () => void;
  onClose: () => void;
}

/** A section as fields, one a block. It is saved over the version that one has seen, and over no other. */
export function SectionEditor({ documentId, section, sources, onSaved, onReload, onClose }: Props) {
  const { number } = section;
  const blocks = section.styled ?? section.content;
  const edit = useSignal<Edit>(keptEdit(documentId, number) ?? { version: section.version, drafts: draftsOf(blocks) });
  const { isBusy, trouble, refusal, save } = useSaving(edit, { documentId, section, sources, onSaved });
  const isLeaving = useSignal(false);
  const isChanged = () => keptEdit(documentId, number) !== null;
  const change = (drafts: Draft[]) => {
    edit.value = { ...edit.peek(), drafts };
    keepEdit(documentId, number, edit.value);
  };
  const leave = () => {
    dropEdit(documentId, number);
    onClose();
  };
  const reload = () => {
    leave();
    onReload();
  };
  const { drafts } = edit.value;
  return (
    <section
      class={page.section}
      aria-label={t("editing", { number })}
      onKeyDown={(event) => {
        if (isEnter(event) && (event.ctrlKey || event.metaKey)) void save();
        if (event.key !== "Escape" || event.defaultPrevented || isLeaving.value) return;
        if (isChanged()) isLeaving.value = true;
        else onClose();
      }}
    >
      <p class={page.dim}>{t("editHint")}</p>
      {drafts.map((draft, index) => (
        <DraftField
          key={draft.key}
          draft={draft}
          number={index + 1}
          sources={sources}
          error={refusal?.key === draft.key ? refusalText(refusal) : null}
          onChange={(changed) => change(drafts.map((one) => (one.key === draft.key ? changed : one)))}
          onRemove={() => change(drafts.filter((one) => one.key !== draft.key))}
        />
      ))}
      <div class={page.buttons}>
        <Button icon="plus" onClick={() => change([...drafts, { key: uuid(), kind: "paragraph", text: "" }])}>
          {t("addParagraph")}
        </Button>
      </div>
      {refusal?.key === null && <Alert tone="danger" title={refusalText(refusal)} />}
      {trouble !== null && (isConflict(trouble) ? <Conflict onLoad={reload} /> : <Trouble title={t("saveFailed")} error={trouble} />)}
      <div class={styles.foot}>
        <Button variant="primary" icon="check" loading={isBusy} onClick={() => void save()}>
          {common("save")}
        </Button>
        <Button onClick={() => (isChanged() ? (isLeaving.value = true) : onClose())}>{common("cancel")}</Button>
      </div>
      {isLeaving.value && (
        <ConfirmDialog
          open
          danger
          title={t("discardTitle")}
          confirmLabel={t("discard")}
          cancelLabel={t("keepEditing")}
          onClose={() => (isLeaving.value = false)}
          onConfirm={leave}
        >
          <p>{t("discardText")}</p>
        </ConfirmDialog>
      )}
    </section>
  );
}

function useSaving(edit: Signal<Edit>, { documentId, section, sources, onSaved }: Pick<Props, "documentId" | "section" | "sources" | "onSaved">) {
  const isBusy = useSignal(false);
  const trouble = useSignal<unknown>(null);
  const refusal = useSignal<Refusal | null>(null);
  const save = async () => {
    const { drafts, version } = edit.peek();
    const keys = sources.map(({ key }) => key);
    const blocks = blocksOf(drafts, section.styled ?? section.content, keys);
    refusal.value = Array.isArray(blocks) ? null : blocks;
    if (!Array.isArray(blocks)) return;
    isBusy.value = true;
    trouble.value = null;
    try {
      const saved = await changeSection(documentId, section.number, blocks, version);
      dropEdit(documentId, section.number);
      toast(t("saved"));
      onSaved(saved);
    } catch (error) {
      trouble.value = error;
    }
    isBusy.value = false;
  };
  return { isBusy: isBusy.value, trouble: trouble.value, refusal: refusal.value, save };
}

function refusalText(refusal: Refusal): string {
  return refusal.problem === "unknownKey" ? t("unknownKey", { key: refusal.source }) : t(refusal.problem);
}

function Conflict({ onLoad }: { onLoad: () => void }) {
  return (
    <Alert tone="warning" title={common("changedElsewhere")} action={<Button onClick={onLoad}>{common("loadTheirs")}</Button>}>
      {common("changedElsewhereText")}
    </Alert>
  );
}
