import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

import { limit } from "@/lib/config";
import { errorText } from "@/lib/errorText";
import { Alert, Button, Dialog, EmptyState, moveInList, Skeleton, TextField } from "@/ui";

import { useMessenger } from "../context";
import type { ConversationRow } from "../model";
import { PersonRow } from "../people";
import styles from "./dialogs.module.css";
import { t } from "./words";

interface TargetsDialogProps {
  title: string;
  /** What is sent, in short. */
  quote: string;
  /** Of the button. */
  verb: string;
  /** Rejects when it did not go; closes the dialog when it did. */
  onSend: (conversationIds: readonly string[]) => Promise<void>;
  onClose: () => void;
}

/** Choose the conversations something goes to. */
export function TargetsDialog({ title, quote, verb, onSend, onClose }: TargetsDialogProps) {
  const picked = useSignal<ReadonlySet<string>>(new Set());
  const busy = useSignal(false);
  const failure = useSignal<unknown>(null);
  const count = picked.value.size;

  const toggle = (id: string) => {
    const next = new Set(picked.value);
    if (!next.delete(id)) next.add(id);
    picked.value = next;
  };
  const send = async () => {
    busy.value = true;
    failure.value = null;
    try {
      await onSend([...picked.value]);
    } catch (error) {
      failure.value = error;
      busy.value = false;
    }
  };
  const footer = (
    <>
      <Button onClick={onClose}>{t("cancel")}</Button>
      <Button variant="primary" icon="forward" loading={busy.value} disabled={count === 0} onClick={send}>
        {count === 0 ? verb : t("verbTo", { verb, count })}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title={title} footer={footer}>
      <p class={styles.quote} dir="auto">{quote}</p>
      {failure.value !== null && <Alert tone="danger" title={errorText(failure.value)} />}
      <Targets picked={picked.value} onToggle={toggle} disabled={busy.value} />
    </Dialog>
  );
}

interface TargetsProps {
  picked: ReadonlySet<string>;
  onToggle: (id: string) => void;
  disabled: boolean;
}

function Targets({ picked, onToggle, disabled }: TargetsProps) {
  const messenger = useMessenger();
  const typed = useSignal("");
  const list = useRef<HTMLDivElement>(null);
  const query = typed.value.trim();
  const rows = messenger.rows.value;
  const shown = [...(rows ?? []), ...messenger.archivedRows.value].filter((row) => fits(row, query));
  const most = limit("max_forward_targets");
  const full = picked.size >= most;

  return (
    <div
      class={styles.targets}
      onKeyDown={(event) => {
        moveInList(event, list.current);
      }}
    >
      <TextField
        type="search"
        label={t("forwardSearch")}
        value={typed.value}
        onValue={(value) => (typed.value = value)}
        hint={full ? t("tooMany", { count: most }) : undefined}
        autoComplete="off"
        autoFocus
      />
      <div ref={list} class={styles.rows}>
        {rows === null && <Skeleton lines={4} />}
        {rows !== null && shown.length === 0 && <NoTargets query={query} />}
        <ul class={styles.list}>
          {shown.map((row) => (
            <PersonRow
              key={row.id}
              person={face(row)}
              detail={describe(row)}
              picked={picked.has(row.id)}
              disabled={disabled || row.conversation.is_blocked || (full && !picked.has(row.id))}
              onSelect={() => onToggle(row.id)}
            />
          ))}
        </ul>
      </div>
    </div>
  );
}

function NoTargets({ query }: { query: string }) {
  if (query === "") {
    return (
      <EmptyState icon="chat" title={t("noConversations")}>
        {t("noConversationsText")}
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="search" title={t("nothingFits")}>
      {t("nothingFitsText", { query })}
    </EmptyState>
  );
}

function fits(row: ConversationRow, query: string): boolean {
  return row.conversation.name.toLocaleLowerCase().includes(query.toLocaleLowerCase());
}

function face({ id, conversation }: ConversationRow) {
  return { id, name: conversation.name, avatar_url: conversation.avatar_url, kind: "human" as const };
}

function describe({ conversation }: ConversationRow): string {
  if (conversation.is_blocked) return t("blocked");
  if (conversation.type === "direct") return t("direct");
  return t("members", { count: conversation.participant_count });
}
