import { useSignal } from "@preact/signals";

import { useDebounced } from "@/lib/debounced";
import { Alert, Button, Icon, IconButton, Menu, Skeleton, TextField } from "@/ui";

import { useMessenger } from "../context";
import { MessageSearch } from "../lazyParts";
import type { ConversationRow } from "../model";
import { endSearch, goToMessage, openNewConversation, SEARCH_ID, searchScope, searchText } from "../overlays";
import { openSaved } from "../saved";
import { StoryBar } from "../stories/StoryBar";
import { ConnectionBar } from "./ConnectionBar";
import { FirstDay, NameQuestion } from "./FirstDay";
import { matching } from "./filter";
import styles from "./list.module.css";
import { Row } from "./Row";
import { t } from "./words";

const MIN_QUERY = 2;

export function ConversationList({ currentId }: { currentId: string | undefined }) {
  const archive = useSignal(false);
  // The one that is open has its own name above it, and is what the page is about.
  const Heading = currentId === undefined ? "h1" : "h2";
  return (
    <div class={styles.list}>
      <div>
        <header class={styles.head}>
          {archive.value && (
            <IconButton icon="left" label={t("backToConversations")} onClick={() => (archive.value = false)} />
          )}
          <Heading>{archive.value ? t("archived") : t("messages")}</Heading>
          <Menu
            label={t("newConversation")}
            icon="plus"
            items={[
              { label: t("findPeople"), icon: "user", onSelect: () => openNewConversation("people") },
              { label: t("newGroup"), icon: "users", onSelect: () => openNewConversation("group") },
              { label: t("saved"), icon: "pin", onSelect: openSaved },
            ]}
          />
        </header>
        <ConnectionBar />
        <Search />
      </div>
      <div class={styles.rows}>
        <Body currentId={currentId} archive={archive} />
      </div>
    </div>
  );
}

function Search() {
  const scope = searchScope.value;
  const messenger = useMessenger();
  const name = scope === null ? "" : (messenger.conversation(scope).conversation.value?.name ?? "");
  const label = scope === null ? t("search") : t("searchIn", { name });
  return (
    <div
      id={SEARCH_ID}
      class={styles.search}
      role="search"
      onKeyDown={(event) => {
        if (event.key === "Escape" && (searchText.value !== "" || scope !== null)) {
          event.stopPropagation();
          endSearch();
        }
      }}
    >
      {scope !== null && (
        <button type="button" class={styles.scope} aria-label={t("searchEverywhere")} onClick={() => (searchScope.value = null)}>
          <span>{name}</span>
          <Icon name="close" size="s" />
        </button>
      )}
      <div class={styles.searchField}>
        <TextField
          type="search"
          label={label}
          hideLabel
          placeholder={label}
          value={searchText.value}
          onValue={(value) => (searchText.value = value)}
          autoComplete="off"
        />
        {searchText.value !== "" && (
          <span class={styles.clear}>
            <IconButton icon="close" label={t("clear")} onClick={endSearch} />
          </span>
        )}
      </div>
    </div>
  );
}

function Body({ currentId, archive }: { currentId: string | undefined; archive: { value: boolean } }) {
  const messenger = useMessenger();
  const rows = archive.value ? messenger.archivedRows.value : messenger.rows.value;
  const trouble = messenger.listTrouble.value;
  const query = searchText.value.trim();
  if (query !== "" || searchScope.value !== null) return <Found query={query} currentId={currentId} />;
  if (rows === null) {
    return trouble === null ? (
      <Skeleton lines={6} />
    ) : (
      <Alert tone="warning" title={t("listFailed")} action={<Button onClick={() => messenger.connectNow()}>{t("tryNow")}</Button>}>
        {trouble}
      </Alert>
    );
  }
  const archived = messenger.archivedRows.value.length;
  return (
    <>
      {!archive.value && <NameQuestion />}
      {!archive.value && <StoryBar />}
      {rows.length === 0 && (archive.value ? <p class={styles.quietNote}>{t("emptyArchive")}</p> : archived === 0 && <FirstDay />)}
      <Rows rows={rows} currentId={currentId} />
      {!archive.value && archived > 0 && (
        <button type="button" class={styles.archived} onClick={() => (archive.value = true)}>
          <Icon name="archive" />
          {t("showArchived", { count: archived })}
        </button>
      )}
    </>
  );
}

function Rows({ rows, currentId }: { rows: readonly ConversationRow[]; currentId: string | undefined }) {
  if (rows.length === 0) return null;
  return (
    <ul class={styles.plain} aria-label={t("conversations")}>
      {rows.map((row) => (
        <Row key={row.id} row={row} current={row.id === currentId} />
      ))}
    </ul>
  );
}

/** Conversations by their names at once, messages by their words after a pause. */
function Found({ query, currentId }: { query: string; currentId: string | undefined }) {
  const messenger = useMessenger();
  const scope = searchScope.value;
  const settled = useDebounced(query);
  const found =
    scope !== null || query === ""
      ? []
      : matching([...(messenger.rows.value ?? []), ...messenger.archivedRows.value], query);
  return (
    <>
      <Rows rows={found} currentId={currentId} />
      {scope === null && query !== "" && found.length === 0 && <p class={styles.quietNote}>{t("noMatch")}</p>}
      {settled.length >= MIN_QUERY && (
        <section aria-label={t("inMessages")}>
          <h3 class={styles.section}>{t("inMessages")}</h3>
          <MessageSearch query={settled} conversationId={scope} onOpen={goToMessage} />
        </section>
      )}
    </>
  );
}
