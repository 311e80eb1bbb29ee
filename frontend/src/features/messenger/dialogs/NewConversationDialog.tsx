import { useSignal } from "@preact/signals";

import { limit } from "@/lib/config";
import { errorText } from "@/lib/errorText";
import { uploadAvatar } from "@/lib/upload";
import { Alert, Button, Dialog, Icon, TextField } from "@/ui";
import { AvatarPicker } from "@/ui/avatar";

import { useMessenger } from "../context";
import type { Person } from "../model";
import { PersonFinder } from "../people";
import styles from "./dialogs.module.css";
import { t } from "./words";

interface NewConversationDialogProps {
  start: "people" | "group";
  onClose: () => void;
  onOpened: (conversationId: string) => void;
}

/** Find somebody and write to them, or make a group of several. */
export function NewConversationDialog({ start, onClose, onOpened }: NewConversationDialogProps) {
  const step = useSignal(start);
  return step.value === "people" ? (
    <WithPerson onClose={onClose} onOpened={onOpened} onGroup={() => (step.value = "group")} />
  ) : (
    <NewGroup onClose={onClose} onOpened={onOpened} onBack={() => (step.value = "people")} />
  );
}

interface StepProps {
  onClose: () => void;
  onOpened: (conversationId: string) => void;
}

function WithPerson({ onClose, onOpened, onGroup }: StepProps & { onGroup: () => void }) {
  const messenger = useMessenger();
  const busy = useSignal(false);
  const failure = useSignal<unknown>(null);

  const open = async (person: Person) => {
    if (busy.value) return;
    busy.value = true;
    failure.value = null;
    try {
      onOpened(await messenger.createDirect(person.id));
    } catch (error) {
      failure.value = error;
      busy.value = false;
    }
  };

  return (
    <Dialog open onClose={onClose} title={t("newConversation")}>
      {failure.value !== null && <Alert tone="danger" title={errorText(failure.value)} />}
      <PersonFinder
        onSelect={(person) => void open(person)}
        disabled={busy.value}
        end={
          <span class={styles.hint}>
            <span class={styles.hintWord}>{t("message")}</span>
            <Icon name="right" size="s" />
          </span>
        }
      />
      <Button icon="users" full onClick={onGroup}>
        {t("makeGroup")}
      </Button>
    </Dialog>
  );
}

function NewGroup({ onClose, onOpened, onBack }: StepProps & { onBack: () => void }) {
  const messenger = useMessenger();
  const name = useSignal("");
  const asked = useSignal(false);
  const avatarId = useSignal<string | null>(null);
  const picked = useSignal<readonly Person[]>([]);
  const busy = useSignal(false);
  const failure = useSignal<unknown>(null);
  const trimmed = name.value.trim();

  const toggle = (person: Person) => {
    const without = picked.value.filter((one) => one.id !== person.id);
    picked.value = without.length < picked.value.length ? without : [...without, person];
  };
  const create = async () => {
    asked.value = true;
    if (trimmed === "") return;
    busy.value = true;
    failure.value = null;
    try {
      const ids = picked.value.map((person) => person.id);
      onOpened(await messenger.createGroup(trimmed, ids, avatarId.value ?? undefined));
    } catch (error) {
      failure.value = error;
      busy.value = false;
    }
  };

  const count = picked.value.length;
  const footer = (
    <>
      <Button variant="ghost" icon="left" onClick={onBack}>
        {t("back")}
      </Button>
      <Button variant="primary" loading={busy.value} disabled={count === 0} onClick={create}>
        {count === 0 ? t("create") : t("createWith", { count })}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title={t("newGroup")} footer={footer}>
      {failure.value !== null && <Alert tone="danger" title={errorText(failure.value)} />}
      <AvatarPicker
        name={trimmed}
        avatarUrl=""
        upload={uploadAvatar}
        explain={errorText}
        onPicked={(id) => (avatarId.value = id)}
      />
      <TextField
        label={t("groupName")}
        hint={t("groupNameHint")}
        error={asked.value && trimmed === "" ? t("nameMissing") : null}
        value={name.value}
        onValue={(value) => (name.value = value)}
        maxLength={limit("max_group_name_chars")}
        autoComplete="off"
        autoFocus
        required
      />
      <PersonFinder onSelect={toggle} picked={picked.value} disabled={busy.value} isBelow />
    </Dialog>
  );
}
