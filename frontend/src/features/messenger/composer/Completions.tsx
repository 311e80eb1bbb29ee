import { useEffect, useRef } from "preact/hooks";

import { composerField, Icon } from "@/ui";
import { Avatar } from "@/ui/avatar";

import type { Completion } from "./completions";
import styles from "./composer.module.css";
import type { useCompletions } from "./useCompletions";
import { t } from "./words";

/** The list itself, above the field. */
export function Completions({ from }: { from: ReturnType<typeof useCompletions> }) {
  const { options, active, listId, optionId, kind, take } = from;
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active]);
  const press = (option: Completion) => {
    const field = composerField();
    if (field !== null) take(field, option);
  };
  return (
    <>
      {options.length > 0 && (
        <ul ref={list} id={listId} role="listbox" class={styles.completions} aria-label={t(kind === "emoji" ? "emojiList" : "people")}>
          {options.map((option, index) => (
            <li
              key={option.key}
              id={optionId(index)}
              role="option"
              aria-selected={index === active}
              class={styles.completion}
              // The field keeps the focus.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => press(option)}
            >
              {option.person === null ? (
                <span class={styles.completionEmoji} aria-hidden="true">
                  {option.emoji ?? <Icon name="users" />}
                </span>
              ) : (
                <Avatar name={option.label} avatarUrl={option.person.avatar_url} size="s" />
              )}
              <span dir="auto">{option.label}</span>
              <span class={styles.completionDetail}>{option.detail}</span>
            </li>
          ))}
        </ul>
      )}
      <p class="visually-hidden" role="status">
        {options.length > 0 && t("choices", { count: options.length })}
      </p>
    </>
  );
}
