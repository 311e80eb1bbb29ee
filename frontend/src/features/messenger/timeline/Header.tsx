import { useSignal } from "@preact/signals";

import { navigate } from "@/lib/router";
import { IconButton, Menu } from "@/ui";
import { Avatar } from "@/ui/avatar";

import type { ConversationShape, ConversationView } from "../model";
import { goToMessage, openPanel, searchIn } from "../overlays";
import { lastSeenText } from "../parts/format";
import { BroughtButtons } from "./Brought";
import { DateDialog } from "./DateDialog";
import styles from "./pane.module.css";
import { t } from "./words";

interface Props {
  view: ConversationView;
  conversation: ConversationShape;
}

export function Header({ view, conversation }: Props) {
  const choosingDate = useSignal(false);
  const isGroup = conversation.type === "group";
  const items = [
    { label: t("searchHere"), icon: "search", onSelect: () => searchIn(conversation.id) },
    { label: t("goToDate"), icon: "calendar", onSelect: () => (choosingDate.value = true) },
    { label: t("details"), icon: "info", onSelect: openPanel },
  ] as const;
  return (
    <header class={styles.head}>
      <span class={styles.back}>
        <IconButton icon="left" label={t("backToList")} onClick={() => navigate("/app/messages")} />
      </span>
      <button type="button" class={styles.who} onClick={openPanel}>
        <Avatar name={conversation.name} avatarUrl={conversation.avatar_url} online={!isGroup && view.online.value} />
        <span class={styles.names}>
          <h1 dir="auto">{conversation.name}</h1>
          <Subtitle view={view} conversation={conversation} />
        </span>
        <span class="visually-hidden">{t("details")}</span>
      </button>
      <BroughtButtons conversation={conversation} />
      <span class={styles.wide}>
        <IconButton icon="search" label={t("searchHere")} onClick={() => searchIn(conversation.id)} />
      </span>
      <Menu label={t("moreActions")} items={items} />
      {choosingDate.value && (
        <DateDialog
          view={view}
          earliest={conversation.created_at}
          onClose={() => (choosingDate.value = false)}
          onFound={(seq) => {
            choosingDate.value = false;
            goToMessage(conversation.id, seq);
          }}
        />
      )}
    </header>
  );
}

function Subtitle({ view, conversation }: Props) {
  const typing = view.typing.value;
  if (typing.length > 0) {
    return (
      <span class={styles.typing}>{conversation.type === "group" ? typingText(typing) : t("typing")}</span>
    );
  }
  if (conversation.type === "group") {
    return <span class={styles.subtitle}>{t("members", { count: conversation.participant_count })}</span>;
  }
  if (view.online.value) return <span class={styles.here}>{t("online")}</span>;
  const lastSeen = view.lastSeen.value;
  // Without the line the name stands in the middle.
  return lastSeen === null ? null : <span class={styles.subtitle}>{lastSeenText(lastSeen)}</span>;
}

export function typingText(names: readonly string[]): string {
  const [a = "", b = ""] = names;
  if (names.length === 1) return t("typingOne", { name: a });
  if (names.length === 2) return t("typingTwo", { a, b });
  return t("typingMany", { count: names.length });
}
