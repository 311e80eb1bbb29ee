import { useSignal } from "@preact/signals";
import type { Signal } from "@preact/signals";

import { errorText } from "@/lib/errorText";
import { Button, ConfirmDialog, toast } from "@/ui";

import { writeSection } from "../model/api";
import page from "../page.module.css";
import type { Section } from "../shapes";
import { t } from "./words";

interface Props {
  documentId: string;
  section: Section;
  shows: Signal<"text" | "edit" | "style">;
  /** Something is being written: nothing else can be begun. */
  isBusy: boolean;
  onChanged: () => void;
}

/** What can be done with a section that is written. */
export function SectionTools({ documentId, section, shows, isBusy, onChanged }: Props) {
  const isStyle = shows.value === "style";
  return (
    <div class={page.buttons}>
      <Button icon="edit" disabled={isBusy} onClick={() => (shows.value = "edit")}>
        {t("edit")}
      </Button>
      {section.styled !== null && (
        <Button variant="ghost" icon="palette" aria-pressed={isStyle} onClick={() => (shows.value = isStyle ? "text" : "style")}>
          {t(isStyle ? "hideStyle" : "style")}
        </Button>
      )}
      {!isBusy && <Again documentId={documentId} section={section} onChanged={onChanged} />}
    </div>
  );
}

function Again({ documentId, section: { number }, onChanged }: Pick<Props, "documentId" | "section" | "onChanged">) {
  const isAsking = useSignal(false);
  return (
    <>
      <Button variant="ghost" icon="refresh" onClick={() => (isAsking.value = true)}>
        {t("again")}
      </Button>
      {isAsking.value && (
        <ConfirmDialog
          open
          danger
          title={t("againTitle")}
          confirmLabel={t("againYes")}
          onClose={() => (isAsking.value = false)}
          onConfirm={async () => {
            try {
              await writeSection(documentId, number);
              onChanged();
            } catch (error) {
              toast(errorText(error), { tone: "danger" });
            }
            isAsking.value = false;
          }}
        >
          <p>{t("againText")}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
