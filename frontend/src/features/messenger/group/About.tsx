import { useSignal } from "@preact/signals";

import { limit } from "@/lib/config";
import { errorText } from "@/lib/errorText";
import { uploadAvatar } from "@/lib/upload";
import { Alert, Badge, Button, Dialog, isEnter, TextField } from "@/ui";
import { Avatar, AvatarPicker } from "@/ui/avatar";

import { useMessenger } from "../context";
import type { ConversationShape } from "../model";
import { changeConversation } from "../model/api";
import { Handle, presenceText } from "../people";
import styles from "./group.module.css";
import { otherPerson } from "./members";
import { t } from "./words";

/** Picture, name, and who is there. */
export function About({ shape, canEdit }: { shape: ConversationShape; canEdit: boolean }) {
  const view = useMessenger().conversation(shape.id);
  const editing = useSignal(false);
  const online = view.online.value;
  const isDirect = shape.type === "direct";
  const person = otherPerson(shape);
  return (
    <>
      <section class={styles.about}>
        <Avatar name={shape.name} avatarUrl={shape.avatar_url} size="l" online={isDirect && online} />
        <div class={styles.aboutWords}>
          <h3 class={styles.name} dir="auto">
            {shape.name}
          </h3>
          {person !== null && <Handle person={person} />}
          {person?.kind === "agent" && <Badge tone="cyan">{t("agent")}</Badge>}
          {isDirect ? (
            !shape.is_blocked && (
              <p class={online ? styles.here : styles.dim}>{presenceText({ online, lastSeen: view.lastSeen.value })}</p>
            )
          ) : (
            <p class={styles.dim}>{t("memberCount", { count: shape.participant_count })}</p>
          )}
        </div>
        {canEdit && (
          <Button icon="edit" full onClick={() => (editing.value = true)}>
            {t("edit")}
          </Button>
        )}
      </section>
      {editing.value && <EditDialog shape={shape} onClose={() => (editing.value = false)} />}
    </>
  );
}

function EditDialog({ shape, onClose }: { shape: ConversationShape; onClose: () => void }) {
  const name = useSignal(shape.name);
  /** Undefined: as it was. */
  const avatarId = useSignal<string | null | undefined>(undefined);
  const busy = useSignal(false);
  const failure = useSignal<unknown>(null);
  const trimmed = name.value.trim();

  const save = async () => {
    if (trimmed === "") return;
    busy.value = true;
    failure.value = null;
    try {
      const change = {
        ...(trimmed !== shape.name && { name: trimmed }),
        ...(avatarId.value !== undefined && { avatar_id: avatarId.value }),
      };
      if (Object.keys(change).length > 0) await changeConversation(shape.id, change);
      onClose();
    } catch (error) {
      failure.value = error;
      busy.value = false;
    }
  };
  const footer = (
    <>
      <Button onClick={onClose}>{t("cancel")}</Button>
      <Button variant="primary" loading={busy.value} disabled={trimmed === ""} onClick={save}>
        {t("save")}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title={t("editTitle")} footer={footer}>
      {failure.value !== null && <Alert tone="danger" title={errorText(failure.value)} />}
      <AvatarPicker
        name={trimmed}
        avatarUrl={shape.avatar_url}
        upload={uploadAvatar}
        explain={errorText}
        onPicked={(id) => (avatarId.value = id)}
      />
      <TextField
        label={t("groupName")}
        value={name.value}
        onValue={(value) => (name.value = value)}
        error={trimmed === "" ? t("nameMissing") : null}
        maxLength={limit("max_group_name_chars")}
        autoComplete="off"
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
