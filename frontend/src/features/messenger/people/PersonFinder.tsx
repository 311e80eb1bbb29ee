import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useCallback, useRef } from "preact/hooks";

import type { Page } from "@/lib/api";
import { limit } from "@/lib/config";
import { useDebounced } from "@/lib/debounced";
import { usePaged } from "@/lib/paged";
import { classes, EmptyState, Icon, isEnter, Loaded, moveInList, TextField } from "@/ui";

import { useMessenger } from "../context";
import type { Contact, Person } from "../model";
import { listContacts, searchUsers } from "../model/api";
import styles from "./people.module.css";
import { PersonRow } from "./PersonRow";
import type { Presence } from "./types";
import { t } from "./words";

interface PersonFinderProps {
  onSelect: (person: Person) => void;
  /** Several may be chosen; these are. A press on one again leaves them out. */
  picked?: readonly Person[];
  /** Not shown, such as those who are members already. */
  hidden?: ReadonlySet<string>;
  disabled?: boolean;
  /** Drawn at the end of each row: a hint of what a press does. */
  end?: ComponentChildren;
  /** Stands below other fields: lower, and without the focus. */
  isBelow?: boolean;
}

/** Contacts, most recent first, until something is typed; then everybody whose user name fits. */
export function PersonFinder({ onSelect, picked, hidden, disabled = false, end, isBelow = false }: PersonFinderProps) {
  const typed = useSignal("");
  const query = useDebounced(typed.value.trim());
  const list = useRef<HTMLDivElement>(null);
  return (
    <div
      class={styles.finder}
      onKeyDown={(event) => {
        moveInList(event, list.current);
      }}
    >
      {picked !== undefined && picked.length > 0 && <Chips people={picked} onRemove={onSelect} />}
      <TextField
        type="search"
        label={t("find")}
        value={typed.value}
        onValue={(value) => (typed.value = value)}
        hint={query.length === 1 ? t("oneMore") : undefined}
        autoComplete="off"
        autoCapitalize="none"
        spellcheck={false}
        autoFocus={!isBelow}
        maxLength={limit("max_display_name_letters")}
        onKeyDown={(event) => {
          if (isEnter(event)) list.current?.querySelector<HTMLElement>("li button")?.click();
        }}
      />
      <div ref={list} class={classes(styles.found, isBelow && styles.short)}>
        <Found
          query={query.length >= limit("min_user_search_chars") ? query : ""}
          onSelect={onSelect}
          picked={picked}
          hidden={hidden}
          disabled={disabled}
          end={end}
        />
      </div>
    </div>
  );
}

interface FoundProps extends Omit<PersonFinderProps, "picked" | "hidden" | "isBelow"> {
  query: string;
  picked: readonly Person[] | undefined;
  hidden: ReadonlySet<string> | undefined;
}

function Found({ query, onSelect, picked, hidden, disabled, end }: FoundProps) {
  const load = useCallback(
    (signal: AbortSignal): Promise<Page<Person | Contact>> =>
      query === "" ? listContacts(signal) : searchUsers(query, signal),
    [query],
  );
  const people = usePaged(load);
  return (
    <Loaded from={people} lines={4} failed={t("failed")}>
      {(all) => {
        const shown = all.map(asFound).filter(({ person }) => hidden?.has(person.id) !== true);
        if (shown.length === 0 && !people.hasMore) return <Nobody query={query} allHidden={all.length > 0} />;
        return (
          <>
            <h3 class={styles.caption}>{t(query === "" ? "contacts" : "found")}</h3>
            <ul class={styles.list}>
              {shown.map(({ person, presence }) => (
                <FoundRow
                  key={person.id}
                  person={person}
                  known={presence}
                  onSelect={() => onSelect(person)}
                  picked={picked?.some((one) => one.id === person.id)}
                  disabled={disabled ?? false}
                  end={end}
                />
              ))}
            </ul>
          </>
        );
      }}
    </Loaded>
  );
}

interface FoundRowProps {
  person: Person;
  /** What came with them. */
  known: Presence | null;
  onSelect: () => void;
  picked: boolean | undefined;
  disabled: boolean;
  end: ComponentChildren;
}

/** What the socket says is newer than what came with the list. Of strangers nothing is known. */
function FoundRow({ person, known, ...rest }: FoundRowProps) {
  const live = useMessenger().presence(person.id).value;
  return <PersonRow person={person} presence={live ?? known} {...rest} />;
}

/** Contacts come with their presence, people found without. */
function asFound(item: Person | Contact): { person: Person; presence: Presence | null } {
  if (!("user" in item)) return { person: item, presence: null };
  return { person: item.user, presence: { online: item.is_online, lastSeen: item.last_seen } };
}

function Nobody({ query, allHidden }: { query: string; allHidden: boolean }) {
  if (allHidden) {
    return (
      <EmptyState icon="users" title={t("allHere")}>
        {t("allHereText")}
      </EmptyState>
    );
  }
  if (query === "") {
    return (
      <EmptyState icon="users" title={t("noContacts")}>
        {t("noContactsText")}
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="search" title={t("nobody")}>
      {t("nobodyText", { query })}
    </EmptyState>
  );
}

function Chips({ people, onRemove }: { people: readonly Person[]; onRemove: (person: Person) => void }) {
  return (
    <ul class={styles.chips} aria-label={t("picked")}>
      {people.map((person) => (
        <li key={person.id}>
          <button
            type="button"
            class={styles.chip}
            aria-label={t("unpick", { name: person.name })}
            onClick={() => onRemove(person)}
          >
            <span>{person.name}</span>
            <Icon name="close" size="s" />
          </button>
        </li>
      ))}
    </ul>
  );
}
