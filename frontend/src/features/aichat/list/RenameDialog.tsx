import { useSignal } from "@preact/signals";

import { limit } from "@/lib/config";
import { Button, Dialog, isEnter, TextField } from "@/ui";

import { t } from "../words";

interface Props {
  title: string;
  onClose: () => void;
  onSave: (title: string) => Promise<void>;
}

export function RenameDialog({ title, onClose, onSave }: Props) {
  const typed = useSignal(title);
  const trimmed = typed.value.trim();

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
    <Dialog open onClose={onClose} title={t("renameTitle")} footer={footer}>
      <TextField
        label={t("titleLabel")}
        value={typed.value}
        onValue={(value) => (typed.value = value)}
        maxLength={limit("max_chat_title_chars")}
        autoFocus
        onKeyDown={(event) => {
          if (!isEnter(event)) return;
          // The focus goes back to the button of the menu, which the same Enter would press.
          event.preventDefault();
          void save();
        }}
      />
    </Dialog>
  );
}
