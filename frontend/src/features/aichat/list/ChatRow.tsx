import { useSignal } from "@preact/signals";

import { errorText } from "@/lib/errorText";
import { formatDate } from "@/lib/i18n";
import { ConfirmDialog, Icon, ListItem, Lit, Menu, toast } from "@/ui";
import type { MenuItem } from "@/ui";

import { RenameDialog, ShareDialog } from "../lazyParts";
import { changeListed } from "../model/chats";
import { chatPath } from "../model/chatPath";
import { conversationFor, deleteEverywhere, showChanged } from "../model/registry";
import type { Chat, ChatChange } from "../shapes";
import { t } from "../words";
import { saveExport } from "./exportChat";
import styles from "./list.module.css";

type Open = "rename" | "delete" | "share" | null;

interface Props {
  chat: Chat;
  current: boolean;
  onOpen: () => void;
}

export function ChatRow({ chat, current, onOpen }: Props) {
  const open = useSignal<Open>(null);
  const title = chat.title || t("untitled");
  const close = () => (open.value = null);

  const change = async (part: ChatChange) => {
    try {
      showChanged(await changeListed(chat, part));
    } catch (error) {
      refuse(error);
    }
  };
  const remove = async () => {
    try {
      await deleteEverywhere(chat.id);
      close();
      toast(t("deleted"));
    } catch (error) {
      refuse(error);
    }
  };
  const items: MenuItem[] = [
    { label: t("rename"), icon: "edit", onSelect: () => (open.value = "rename") },
    { label: t(chat.pinned ? "unpin" : "pin"), icon: "pin", onSelect: () => void change({ pinned: !chat.pinned }) },
    {
      label: t(chat.archived ? "fromArchive" : "toArchive"),
      icon: "archive",
      onSelect: () => void change({ archived: !chat.archived }),
    },
    { label: t("share"), icon: "link", onSelect: () => (open.value = "share") },
    { label: t("exportMarkdown"), icon: "download", onSelect: () => void saveExport(chat, "markdown").catch(refuse) },
    { label: t("exportJson"), icon: "download", onSelect: () => void saveExport(chat, "json").catch(refuse) },
    { label: t("delete"), icon: "trash", danger: true, onSelect: () => (open.value = "delete") },
  ];
  return (
    <>
      <ListItem
        href={chatPath(chat.id)}
        onOpen={() => {
          showFound(chat);
          onOpen();
        }}
        current={current}
        actions={<Menu label={t("actionsFor", { title })} items={items} />}
      >
        <span class={styles.title}>
          {chat.pinned && <Icon name="pin" size="s" />}
          <span dir="auto">
            <Lit text={title} highlights={chat.found?.title_highlights ?? []} />
          </span>
        </span>
        <Snippet found={chat.found ?? null} />
        <time class={styles.when} dateTime={chat.updated_at}>
          {when(chat.updated_at)}
        </time>
      </ListItem>
      {open.value === "share" && <ShareDialog chat={chat} onClose={close} />}
      {open.value === "rename" && <RenameDialog title={chat.title} onClose={close} onSave={(title) => change({ title })} />}
      {open.value === "delete" && (
        <ConfirmDialog
          open
          onClose={close}
          title={t("deleteTitle")}
          confirmLabel={t("delete")}
          onConfirm={remove}
          danger
        >
          <p>{t("deleteText", { title })}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function Snippet({ found }: { found: NonNullable<Chat["found"]> | null }) {
  if (found === null || found.snippet === "") return null;
  return (
    <span class={styles.snippet} dir="auto">
      <Lit text={found.snippet} highlights={found.highlights} />
    </span>
  );
}

/** A chat that was found by what was said in it opens there. */
function showFound({ id, found }: Chat): void {
  if (found?.message_id != null) conversationFor(id).wanted.value = found.message_id;
}

function refuse(error: unknown): void {
  toast(errorText(error), { tone: "danger" });
}

/** The hour today, the day before. */
function when(moment: string): string {
  const today = new Date().toDateString() === new Date(moment).toDateString();
  return formatDate(moment, today ? { timeStyle: "short" } : { day: "numeric", month: "short" });
}
