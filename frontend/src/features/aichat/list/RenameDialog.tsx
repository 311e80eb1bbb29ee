import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { Button, Dialog, TextField } from "@/ui";

import { t } from "../words";

const MAX_TITLE = 200;

interface Props {
  open: boolean;
  title: string;
  onClose: () => void;
  onSave: (title: string) => Promise<void>;
}

export function RenameDialog({ open, title, onClose, onSave }: Props) {
  const typed = useSignal(title);
  const trimmed = typed.value.trim();

  useEffect(() => {
    if (open) typed.value = title;
  }, [open, title, typed]);

  const save = async () => {
    if (trimmed === "") return;
    onClose();
    if (trimmed !== title) await onSave(trimmed);
  };
  const footer = (
    <>
      <Button onClick={onClose}>{t("cancel")}</Button>
      <Button variant="primary" disabled={trimmed === ""} onClick={save}>
        {t("save")}
      </Button>
    </>
  );
  return (
    <Dialog open={open} onClose={onClose} title={t("renameTitle")} footer={footer}>
      <TextField
        label={t("titleLabel")}
        value={typed.value}
        onValue={(value) => (typed.value = value)}
        maxLength={MAX_TITLE}
        autoFocus
        onKeyDown={(event) => {
          if (event.key === "Enter") void save();
        }}
      />
    </Dialog>
  );
}
