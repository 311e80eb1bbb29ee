import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import { currentUser } from "@/lib/api";
import { Alert, Button, ConfirmDialog, toast } from "@/ui";

import { useMessenger } from "../context";
import type { ConversationShape, Person } from "../model";
import { block, unblock } from "../model/api";
import { attempt } from "../parts/attempt";
import { useMyBlock } from "../people/useMyBlock";
import styles from "./group.module.css";
import { consequenceOfLeaving, otherPerson } from "./members";
import { t } from "./words";

interface DangerProps {
  shape: ConversationShape;
  isAdmin: boolean;
  /** The conversation is no longer there. */
  onDone: () => void;
}

/** What ends something: each step asks first, and says what it does to whom. */
export function Danger({ shape, isAdmin, onDone }: DangerProps) {
  const person = otherPerson(shape);
  return (
    <section class={styles.danger}>
      {person !== null && person.kind === "human" && <Blocking shape={shape} person={person} />}
      {shape.type === "group" && <Leave shape={shape} onDone={onDone} />}
      {shape.type === "group" && isAdmin && <Delete shape={shape} onDone={onDone} />}
      {shape.type === "direct" && <Delete shape={shape} onDone={onDone} />}
    </section>
  );
}

interface StepProps {
  label: string;
  icon: "lock" | "logout" | "trash";
  title: string;
  onConfirm: () => Promise<void>;
  children: ComponentChildren;
  danger?: boolean;
}

function Step({ label, icon, title, onConfirm, children, danger = true }: StepProps) {
  const asking = useSignal(false);
  const close = () => (asking.value = false);
  return (
    <>
      <Button variant={danger ? "danger" : "secondary"} icon={icon} full onClick={() => (asking.value = true)}>
        {label}
      </Button>
      {asking.value && (
        <ConfirmDialog
          open
          onClose={close}
          title={title}
          confirmLabel={label}
          danger={danger}
          onConfirm={async () => {
            await onConfirm();
            close();
          }}
        >
          {children}
        </ConfirmDialog>
      )}
    </>
  );
}

function Blocking({ shape, person }: { shape: ConversationShape; person: Person }) {
  const { byMe, reload } = useMyBlock(shape, person);
  const { name } = person;

  if (byMe) {
    return (
      <>
        <Alert title={t("blockedByYou", { name })} />
        <Step
          label={t("unblock")}
          icon="lock"
          title={t("unblockTitle", { name })}
          danger={false}
          onConfirm={async () => {
            await attempt(() => unblock(person.id), t("unblocked", { name }));
          }}
        >
          <p>{t("unblockText")}</p>
        </Step>
      </>
    );
  }
  return (
    <Step
      label={t("block")}
      icon="lock"
      title={t("blockTitle", { name })}
      onConfirm={async () => {
        if (await attempt(() => block(person.id), t("blocked", { name }))) reload();
      }}
    >
      <p>{t("blockText", { name })}</p>
    </Step>
  );
}

function Leave({ shape, onDone }: { shape: ConversationShape; onDone: () => void }) {
  const messenger = useMessenger();
  const { name } = shape;
  const consequence = consequenceOfLeaving(shape, currentUser.value?.id ?? "");
  const leave = async () => {
    if (!(await attempt(() => messenger.leave(shape.id)))) return;
    toast(t("left", { name }));
    onDone();
  };
  return (
    <Step label={t("leave")} icon="logout" title={t("leaveTitle", { name })} onConfirm={leave}>
      {consequence === "last-member" ? <p>{t("leaveLastMember")}</p> : <p>{t("leaveText")}</p>}
      {consequence === "last-admin" && <p>{t("leaveLastAdmin")}</p>}
      {consequence === "maybe-last-admin" && <p>{t("leaveMaybeLastAdmin")}</p>}
    </Step>
  );
}

function Delete({ shape, onDone }: { shape: ConversationShape; onDone: () => void }) {
  const messenger = useMessenger();
  const { name } = shape;
  const remove = async () => {
    if (!(await attempt(() => messenger.deleteConversation(shape.id)))) return;
    toast(t("deleted"));
    onDone();
  };
  if (shape.type === "direct") {
    return (
      <Step label={t("hide")} icon="trash" title={t("hideTitle", { name })} onConfirm={remove}>
        <p>{t("hideText", { name })}</p>
      </Step>
    );
  }
  return (
    <Step label={t("deleteGroup")} icon="trash" title={t("deleteGroupTitle", { name })} onConfirm={remove}>
      <p>{t("deleteGroupText", { count: shape.participant_count })}</p>
    </Step>
  );
}
