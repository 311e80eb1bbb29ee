import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useRef } from "preact/hooks";

import { currentUser } from "@/lib/api";
import { useDebounced } from "@/lib/debounced";
import { errorText } from "@/lib/errorText";
import { usePaged } from "@/lib/paged";
import { Alert, Badge, Button, ConfirmDialog, Dialog, EmptyState, Loaded, Menu, TextField } from "@/ui";
import type { MenuItem } from "@/ui";

import { useMessenger } from "../context";
import type { ConversationShape, ParticipantShape, Person } from "../model";
import { addParticipants, changeRole, listParticipants, removeParticipant } from "../model/api";
import { attempt } from "../parts/attempt";
import { PersonFinder, PersonRow } from "../people";
import styles from "./group.module.css";
import { t } from "./words";

interface MembersProps {
  shape: ConversationShape;
  onOpened: (conversationId: string) => void;
}

/** Everybody in a group; admins change who they are and who is there. */
export function Members({ shape, onOpened }: MembersProps) {
  const typed = useSignal("");
  const adding = useSignal(false);
  const query = useDebounced(typed.value.trim());
  const load = useCallback(
    (signal: AbortSignal) => listParticipants(shape.id, query, signal),
    [shape.id, query],
  );
  const paged = usePaged(load);
  const { change, reload } = paged;
  useReloadOnChange(shape, reload);
  const isAdmin = shape.role === "admin";

  return (
    <>
      <div class={styles.controls}>
        {isAdmin && (
          <Button variant="primary" icon="plus" full onClick={() => (adding.value = true)}>
            {t("addMembers")}
          </Button>
        )}
        <TextField
          type="search"
          label={t("findMember")}
          hideLabel
          placeholder={t("findMember")}
          value={typed.value}
          onValue={(value) => (typed.value = value)}
          autoComplete="off"
        />
      </div>
      <Loaded from={paged} empty={<NobodyFits query={query} />} lines={5} failed={t("failed")} inset>
        {(members) => (
          <ul class={styles.list}>
            {members.map((member) => (
              <MemberRow
                key={member.user.id}
                member={member}
                shape={shape}
                onOpened={onOpened}
                onRole={(role) =>
                  change((all) => all.map((one) => (one.user.id === member.user.id ? { ...one, role } : one)))
                }
                onGone={() => change((all) => all.filter((one) => one.user.id !== member.user.id))}
              />
            ))}
          </ul>
        )}
      </Loaded>
      {adding.value && (
        <AddDialog
          shape={shape}
          members={paged.data ?? []}
          onClose={() => (adding.value = false)}
          onAdded={() => {
            adding.value = false;
            reload();
          }}
        />
      )}
    </>
  );
}

/** Others add and remove as well; the model hears of it. */
function useReloadOnChange(shape: ConversationShape, reload: () => void): void {
  const seen = useRef(shape.participants);
  useEffect(() => {
    if (seen.current === shape.participants) return;
    seen.current = shape.participants;
    reload();
  }, [shape.participants, reload]);
}

function NobodyFits({ query }: { query: string }) {
  return (
    <EmptyState icon="search" title={t("nobodyFits")}>
      {t("nobodyFitsText", { query })}
    </EmptyState>
  );
}

interface MemberRowProps {
  member: ParticipantShape;
  shape: ConversationShape;
  onOpened: (conversationId: string) => void;
  onRole: (role: ParticipantShape["role"]) => void;
  onGone: () => void;
}

function MemberRow({ member, shape, onOpened, onRole, onGone }: MemberRowProps) {
  const messenger = useMessenger();
  const removing = useSignal(false);
  const { user, role } = member;
  const isMe = user.id === currentUser.value?.id;
  const presence = messenger.presence(user.id).value;

  const setRole = async (next: ParticipantShape["role"]) => {
    if (await attempt(() => changeRole(shape.id, user.id, next))) onRole(next);
  };
  const remove = async () => {
    const done = await attempt(() => removeParticipant(shape.id, user.id), t("removed", { name: user.name }));
    removing.value = false;
    if (done) onGone();
  };
  const write = () => void attempt(async () => onOpened(await messenger.createDirect(user.id)));
  const items: MenuItem[] = [
    { label: t("message"), icon: "chat", onSelect: write },
    ...(shape.role === "admin"
      ? [
          role === "admin"
            ? { label: t("demote"), icon: "user" as const, onSelect: () => void setRole("member") }
            : { label: t("promote"), icon: "shield" as const, onSelect: () => void setRole("admin") },
          { label: t("remove"), icon: "trash" as const, danger: true, onSelect: () => (removing.value = true) },
        ]
      : []),
  ];
  return (
    <>
      <PersonRow
        person={user}
        presence={isMe ? undefined : presence}
        detail={isMe ? t("you") : undefined}
        badge={role === "admin" && <Badge tone="gold">{t("admin")}</Badge>}
        actions={!isMe && <Menu label={t("actionsFor", { name: user.name })} items={items} />}
      />
      {removing.value && (
        <ConfirmDialog
          open
          onClose={() => (removing.value = false)}
          title={t("removeTitle", { name: user.name })}
          confirmLabel={t("remove")}
          danger
          onConfirm={remove}
        >
          <p>{t("removeText", { name: user.name })}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

interface AddDialogProps {
  shape: ConversationShape;
  members: readonly ParticipantShape[];
  onClose: () => void;
  onAdded: () => void;
}

function AddDialog({ shape, members, onClose, onAdded }: AddDialogProps) {
  const picked = useSignal<readonly Person[]>([]);
  const busy = useSignal(false);
  const failure = useSignal<unknown>(null);
  const hidden = new Set([...members, ...shape.participants].map((member) => member.user.id));
  const count = picked.value.length;

  const toggle = (person: Person) => {
    const without = picked.value.filter((one) => one.id !== person.id);
    picked.value = without.length < picked.value.length ? without : [...without, person];
  };
  const add = async () => {
    busy.value = true;
    failure.value = null;
    try {
      await addParticipants(
        shape.id,
        picked.value.map((person) => person.id),
      );
      onAdded();
    } catch (error) {
      failure.value = error;
      busy.value = false;
    }
  };
  const footer = (
    <>
      <Button onClick={onClose}>{t("cancel")}</Button>
      <Button variant="primary" loading={busy.value} disabled={count === 0} onClick={add}>
        {count === 0 ? t("add") : t("addCount", { count })}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title={t("addTitle")} footer={footer}>
      {failure.value !== null && <Alert tone="danger" title={errorText(failure.value)} />}
      <PersonFinder onSelect={toggle} picked={picked.value} hidden={hidden} disabled={busy.value} />
    </Dialog>
  );
}
