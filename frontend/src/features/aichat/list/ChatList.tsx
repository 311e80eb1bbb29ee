import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { useDebounced } from "@/lib/debounced";
import { errorText } from "@/lib/errorText";
import { Button, EmptyState, IconButton, List, Loaded, moveInList, TextField } from "@/ui";

import * as chats from "../model/chats";
import type { Chat } from "../shapes";
import { t } from "../words";
import { ChatRow } from "./ChatRow";
import styles from "./list.module.css";
import { SEARCH_ID } from "./search";

interface Props {
  currentId: string | undefined;
  onNew: (temporary: boolean) => void;
  onHide: () => void;
}

const ROWS = "li > a[href]";

export function ChatList({ currentId, onNew, onHide }: Props) {
  const rows = useRef<HTMLDivElement>(null);
  const isArchive = chats.archived.value;
  return (
    <div class={styles.list}>
      <header class={styles.head}>
        <h2>{isArchive ? t("archive") : t("chats")}</h2>
        <IconButton
          icon="archive"
          label={isArchive ? t("backToChats") : t("archive")}
          pressed={isArchive}
          onClick={() => (chats.archived.value = !isArchive)}
        />
        <IconButton icon="clock" label={t("temporaryChat")} onClick={() => onNew(true)} />
        <span class={styles.hide}>
          <IconButton icon="close" label={t("hideList")} onClick={onHide} />
        </span>
      </header>
      <div class={styles.controls}>
        <Button full variant="primary" icon="plus" onClick={() => onNew(false)}>
          {t("newChat")}
        </Button>
        <Search onDown={(event) => moveInList(event, rows.current, ROWS)} />
      </div>
      <div ref={rows} class={styles.rows} onKeyDown={(event) => void moveInList(event, rows.current, ROWS)}>
        <Rows currentId={currentId} onOpen={onHide} />
      </div>
    </div>
  );
}

function Search({ onDown }: { onDown: (event: KeyboardEvent) => void }) {
  const typed = useSignal(chats.search.peek());
  const isArchive = chats.archived.value;
  const query = useDebounced(typed.value);

  useEffect(() => {
    chats.search.value = query;
    void chats.loadChats();
  }, [query, isArchive]);

  return (
    <div
      id={SEARCH_ID}
      role="search"
      onKeyDown={(event) => {
        if (event.key === "ArrowDown") onDown(event);
        if (event.key !== "Escape" || typed.value === "") return;
        // Otherwise it would stop the answer that is being written.
        event.preventDefault();
        typed.value = "";
      }}
    >
      <TextField
        type="search"
        label={t("searchChats")}
        hideLabel
        placeholder={t("searchChats")}
        value={typed.value}
        onValue={(value) => (typed.value = value)}
        autoComplete="off"
      />
    </div>
  );
}

interface RowsProps {
  currentId: string | undefined;
  onOpen: () => void;
}

function Rows(props: RowsProps) {
  const pinned = chats.pinned.value;
  const recent = chats.unpinned.value;
  const failure = chats.listState.value === "failed" ? errorText(chats.listError.value) : null;
  const from = {
    data: chats.listState.value === "ready" ? [...pinned, ...recent] : null,
    trouble: failure,
    reload: chats.loadChats,
  };
  return (
    <Loaded from={from} empty={<Nothing />} lines={6} failed={t("listFailed")} failure="page">
      {() => (
        <>
          {chats.isKept.value && (
            <p class={styles.kept} role="status">
              {t("keptList")}
            </p>
          )}
          <Section title={t("pinned")} list={pinned} {...props} />
          <Section title={pinned.length > 0 ? t("recent") : null} list={recent} {...props} />
          {chats.hasMore.value && <More />}
        </>
      )}
    </Loaded>
  );
}

function Nothing() {
  const query = chats.search.value;
  if (query !== "") {
    return (
      <EmptyState icon="search" title={t("nothingFound")}>
        {t("nothingFoundHint", { query })}
      </EmptyState>
    );
  }
  if (chats.archived.value) {
    return (
      <EmptyState icon="archive" title={t("noArchive")}>
        {t("noArchiveHint")}
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="chat" title={t("noChats")}>
      {t("noChatsHint")}
    </EmptyState>
  );
}

interface SectionProps extends RowsProps {
  title: string | null;
  list: readonly Chat[];
}

function Section({ title, list, currentId, onOpen }: SectionProps) {
  if (list.length === 0) return null;
  return (
    <section>
      {title !== null && <h3 class={styles.section}>{title}</h3>}
      <List label={title ?? t("chats")}>
        {list.map((chat) => (
          <ChatRow key={chat.id} chat={chat} current={chat.id === currentId} onOpen={onOpen} />
        ))}
      </List>
    </section>
  );
}

/** Fetches the next page when it scrolls into sight; a button for those who come by keyboard. */
function More() {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (mark.current === null) return;
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting === true) void chats.loadMoreChats();
    });
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={mark} class={styles.more}>
      <Button variant="ghost" onClick={chats.loadMoreChats}>
        {t("more")}
      </Button>
    </div>
  );
}
