import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

import { currentUser } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { formatNumber } from "@/lib/i18n";
import { navigate, path } from "@/lib/router";
import { classes, ConfirmDialog, Icon, Menu, toast } from "@/ui";
import type { MenuItem } from "@/ui";
import { Avatar } from "@/ui/avatar";

import { useMessenger } from "../context";
import type { ConversationRow, Settings } from "../model";
import { conversationPath } from "../overlays";
import { shortMoment } from "../parts/format";
import { lastLine } from "../parts/lines";
import { Ticks } from "../timeline/Ticks";
import styles from "./list.module.css";
import { t } from "./words";

type Asked = "leave" | "delete" | null;

export function Row({ row, current }: { row: ConversationRow; current: boolean }) {
  const { conversation } = row;
  const { name } = conversation;
  const asked = useSignal<Asked>(null);
  const item = useRef<HTMLLIElement>(null);
  const at = row.lastMessage?.created_at ?? conversation.last_message?.created_at ?? conversation.updated_at;
  return (
    <li
      ref={item}
      class={classes(styles.row, current && styles.current)}
      onContextMenu={(event) => {
        event.preventDefault();
        item.current?.querySelector<HTMLElement>("[aria-haspopup=menu]")?.click();
      }}
    >
      <a class={styles.link} href={conversationPath(row.id)} aria-current={current ? "page" : undefined}>
        <Avatar name={name} avatarUrl={conversation.avatar_url} online={row.online && conversation.type === "direct"} />
        <span class={styles.words}>
          <span class={styles.top}>
            <strong class={styles.name} dir="auto">{name}</strong>
            {row.online && conversation.type === "direct" && <span class="visually-hidden">({t("online")})</span>}
            {conversation.is_muted && <Mark icon="mute" label={t("muted")} />}
            {conversation.is_pinned && <Mark icon="pin" label={t("pinned")} />}
            <time class={styles.when} dateTime={at}>
              {shortMoment(at)}
            </time>
          </span>
          <span class={styles.bottom}>
            <LastLine row={row} />
            <Unread row={row} />
          </span>
        </span>
      </a>
      <RowMenu row={row} onAsk={(what) => (asked.value = what)} />
      {asked.value !== null && <Question row={row} asked={asked.value} onClose={() => (asked.value = null)} />}
    </li>
  );
}

function Mark({ icon, label }: { icon: "mute" | "pin"; label: string }) {
  return (
    <span class={styles.mark} role="img" aria-label={label}>
      <Icon name={icon} size="s" />
    </span>
  );
}

function LastLine({ row }: { row: ConversationRow }) {
  const { conversation, typing, lastMessage } = row;
  const me = currentUser.value?.id ?? null;
  const isGroup = conversation.type === "group";
  if (typing.length > 0) return <span class={classes(styles.line, styles.typing)}>{typingLine(typing, isGroup)}</span>;
  const draft = conversation.draft?.content.trim() ?? "";
  if (draft !== "") return <span class={classes(styles.line, styles.draft)}>{t("draft", { text: draft })}</span>;
  const said = lastMessage ?? conversation.last_message;
  if (said === null) return <span class={styles.line}>{t("nothingYet")}</span>;
  return (
    <>
      {row.sending ? (
        <span class={styles.mark} role="img" aria-label={t("sending")}>
          <Icon name="clock" size="s" />
        </span>
      ) : (
        lastMessage?.delivery && <Ticks delivery={lastMessage.delivery} />
      )}
      <span class={styles.line} dir="auto">{lastLine(said, { me, isGroup })}</span>
    </>
  );
}

function typingLine(names: readonly string[], isGroup: boolean): string {
  if (!isGroup) return t("typing");
  return names.length === 1 ? t("typingName", { name: names[0] ?? "" }) : t("typingMany", { count: names.length });
}

function Unread({ row: { conversation } }: { row: ConversationRow }) {
  const { unread_count: count, mention_count: mentions, is_muted: muted } = conversation;
  if (count === 0) return null;
  return (
    <>
      {mentions > 0 && (
        <span class={classes(styles.badge, styles.mention)} role="img" aria-label={t("mention")}>
          @
        </span>
      )}
      <span class={classes(styles.badge, muted && styles.quiet)} role="img" aria-label={t("unread", { count })}>
        {count > 999 ? "999+" : formatNumber(count)}
      </span>
    </>
  );
}

function RowMenu({ row, onAsk }: { row: ConversationRow; onAsk: (what: Asked) => void }) {
  const messenger = useMessenger();
  const { conversation } = row;
  const set = (settings: Partial<Settings>) => messenger.setSettings(row.id, settings).catch(refuse);
  const { is_pinned: pinned, is_muted: muted, is_archived: archived } = conversation;
  const isGroup = conversation.type === "group";
  const items: MenuItem[] = [
    { label: t(pinned ? "unpin" : "pin"), icon: "pin", onSelect: () => void set({ is_pinned: !pinned }) },
    { label: t(muted ? "unmute" : "mute"), icon: "mute", onSelect: () => void set({ is_muted: !muted }) },
    {
      label: t(archived ? "unarchive" : "archive"),
      icon: "archive",
      onSelect: () => void set({ is_archived: !archived }),
    },
  ];
  if (isGroup) items.push({ label: t("leave"), icon: "logout", danger: true, onSelect: () => onAsk("leave") });
  if (!isGroup || conversation.role === "admin") {
    items.push({ label: t("delete"), icon: "trash", danger: true, onSelect: () => onAsk("delete") });
  }
  return (
    <span class={styles.menu}>
      <Menu label={t("actionsFor", { name: conversation.name })} items={items} />
    </span>
  );
}

interface QuestionProps {
  row: ConversationRow;
  asked: "leave" | "delete";
  onClose: () => void;
}

/** Leaving and deleting cannot be taken back, so they are asked about. */
function Question({ row, asked, onClose }: QuestionProps) {
  const messenger = useMessenger();
  const { name, type } = row.conversation;
  const isLeaving = asked === "leave";
  const run = async () => {
    try {
      await (isLeaving ? messenger.leave(row.id) : messenger.deleteConversation(row.id));
      onClose();
      if (path.peek() === conversationPath(row.id)) navigate("/app/messages", { replace: true });
    } catch (error) {
      refuse(error);
    }
  };
  return (
    <ConfirmDialog
      open
      danger
      title={isLeaving ? t("leaveTitle", { name }) : t("deleteTitle", { name })}
      confirmLabel={t(asked)}
      onClose={onClose}
      onConfirm={run}
    >
      <p>{isLeaving ? t("leaveText") : type === "group" ? t("deleteGroup") : t("deleteDirect", { name })}</p>
    </ConfirmDialog>
  );
}

function refuse(error: unknown): void {
  toast(errorText(error), { tone: "danger" });
}
