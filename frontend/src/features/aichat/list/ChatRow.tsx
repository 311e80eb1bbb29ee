import { useSignal } from "@preact/signals";

import { errorText } from "@/lib/errorText";
import { formatDate } from "@/lib/i18n";
import { navigate, path } from "@/lib/router";
import { ConfirmDialog, Icon, ListItem, Menu, toast } from "@/ui";
import type { MenuItem } from "@/ui";

import { deleteChat } from "../model/api";
import { changeListed, removeChat } from "../model/chats";
import { chatPath, forget, showChanged } from "../model/registry";
import type { Chat, ChatChange } from "../shapes";
import { t } from "../words";
import { saveExport } from "./exportChat";
import styles from "./list.module.css";
import { RenameDialog } from "./RenameDialog";

type Open = "rename" | "delete" | null;

export function ChatRow({ chat, current }: { chat: Chat; current: boolean }) {
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
      await deleteChat(chat.id);
      close();
      forget(chat.id);
      removeChat(chat.id);
      if (path.peek() === chatPath(chat.id)) navigate("/app/chat", { replace: true });
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
    { label: t("exportMarkdown"), icon: "download", onSelect: () => void saveExport(chat, "markdown").catch(refuse) },
    { label: t("exportJson"), icon: "download", onSelect: () => void saveExport(chat, "json").catch(refuse) },
    { label: t("delete"), icon: "trash", danger: true, onSelect: () => (open.value = "delete") },
  ];
  return (
    <>
      <ListItem
        href={chatPath(chat.id)}
        current={current}
        actions={<Menu label={t("actionsFor", { title })} items={items} />}
      >
        <span class={styles.title}>
          {chat.pinned && <Icon name="pin" size="s" />}
          <span dir="auto">{title}</span>
        </span>
        <time class={styles.when} dateTime={chat.updated_at}>
          {when(chat.updated_at)}
        </time>
      </ListItem>
      {open.value !== null && (
        <>
          <RenameDialog
            open={open.value === "rename"}
            title={chat.title}
            onClose={close}
            onSave={(title) => change({ title })}
          />
          <ConfirmDialog
            open={open.value === "delete"}
            onClose={close}
            title={t("deleteTitle")}
            confirmLabel={t("delete")}
            onConfirm={remove}
            danger
          >
            <p>{t("deleteText", { title })}</p>
          </ConfirmDialog>
        </>
      )}
    </>
  );
}

function refuse(error: unknown): void {
  toast(errorText(error), { tone: "danger" });
}

/** The hour today, the day before. */
function when(moment: string): string {
  const today = new Date().toDateString() === new Date(moment).toDateString();
  return formatDate(moment, today ? { timeStyle: "short" } : { day: "numeric", month: "short" });
}
