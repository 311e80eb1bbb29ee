import { useSignal } from "@preact/signals";
import { useCallback, useId, useRef } from "preact/hooks";

import { currentUser } from "@/lib/api";
import { usePaged } from "@/lib/paged";
import { Button, EmptyState, Lit, Loaded, moveInList } from "@/ui";

import type { SearchHit } from "../model";
import { searchMessages } from "../model/api";
import { shortMoment } from "../parts/format";
import { kindName } from "../parts/lines";
import { FilterFields } from "./FilterFields";
import { countFilters, daysFit, NO_FILTERS, toQuery } from "./filters";
import type { Filters } from "./filters";
import styles from "./search.module.css";
import { t } from "./words";

interface MessageSearchProps {
  /** Trimmed, at least two characters, after a pause in the typing. */
  query: string;
  /** Null: all of them. */
  conversationId: string | null;
  onOpen: (conversationId: string, seq: number) => void;
}

/** Messages with the words in the field above, in all conversations or in one. */
export function MessageSearch({ query, conversationId, onOpen }: MessageSearchProps) {
  const filters = useSignal(NO_FILTERS);
  const list = useRef<HTMLDivElement>(null);
  return (
    <div class={styles.search}>
      <FilterBar filters={filters.value} conversationId={conversationId} onChange={(next) => (filters.value = next)} />
      <div
        ref={list}
        class={styles.results}
        onKeyDown={(event) => {
          moveInList(event, list.current);
        }}
      >
        {daysFit(filters.value) && (
          <Results query={query} conversationId={conversationId} filters={filters.value} onOpen={onOpen} />
        )}
      </div>
    </div>
  );
}

interface FilterBarProps {
  filters: Filters;
  conversationId: string | null;
  onChange: (filters: Filters) => void;
}

function FilterBar({ filters, conversationId, onChange }: FilterBarProps) {
  const open = useSignal(false);
  const id = useId();
  const count = countFilters(filters);
  return (
    <div class={styles.filters}>
      <div class={styles.bar}>
        <Button
          variant="ghost"
          icon={open.value ? "up" : "down"}
          aria-expanded={open.value}
          aria-controls={id}
          onClick={() => (open.value = !open.value)}
        >
          {count === 0 ? t("filters") : t("filtersOn", { count })}
        </Button>
        {count > 0 && (
          <Button variant="ghost" onClick={() => onChange(NO_FILTERS)}>
            {t("clear")}
          </Button>
        )}
      </div>
      <div id={id} hidden={!open.value}>
        {open.value && <FilterFields filters={filters} conversationId={conversationId} onChange={onChange} />}
      </div>
    </div>
  );
}

interface ResultsProps extends MessageSearchProps {
  filters: Filters;
}

function Results({ query, conversationId, filters, onOpen }: ResultsProps) {
  const load = useCallback(
    (signal: AbortSignal) => searchMessages(toQuery(query, conversationId, filters), signal),
    [query, conversationId, filters],
  );
  const nothing = (
    <EmptyState icon="search" title={t("nothing")}>
      {t(countFilters(filters) === 0 ? "nothingText" : "nothingFiltered", { query })}
    </EmptyState>
  );
  return (
    <Loaded from={usePaged(load)} empty={nothing} lines={6} failed={t("failed")} failure="page">
      {(hits) => (
        <ul class={styles.list} aria-label={t("results")}>
          {hits.map((hit) => (
            <Hit
              key={hit.message.id}
              hit={hit}
              inOne={conversationId !== null}
              onOpen={() => onOpen(hit.conversation.id, hit.message.seq)}
            />
          ))}
        </ul>
      )}
    </Loaded>
  );
}

interface HitProps {
  hit: SearchHit;
  /** Only one conversation is searched, whose name need not be said. */
  inOne: boolean;
  onOpen: () => void;
}

function Hit({ hit: { message, conversation, highlights }, inOne, onOpen }: HitProps) {
  const me = currentUser.value?.id;
  const sender = message.sender?.id === me ? t("me") : (message.sender?.name ?? t("someone"));
  const isPlain = conversation.type === "direct" && message.sender?.id !== me;
  const kind = kindName(message);
  return (
    <li class={styles.item}>
      <button type="button" class={styles.hit} onClick={onOpen}>
        <span class={styles.line}>
          <span class={styles.where} dir="auto">{inOne ? sender : conversation.name}</span>
          <time class={styles.when} dateTime={message.created_at}>
            {shortMoment(message.created_at)}
          </time>
        </span>
        <span class={styles.text} dir="auto">
          {!inOne && !isPlain && <span class={styles.who}>{sender}: </span>}
          {kind !== null && <span class={styles.kind}>{kind} </span>}
          <Lit text={message.content} highlights={highlights} />
        </span>
      </button>
    </li>
  );
}
