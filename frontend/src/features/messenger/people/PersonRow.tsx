import type { ComponentChildren } from "preact";

import { Badge, classes, Icon } from "@/ui";
import { Avatar } from "@/ui/avatar";

import styles from "./people.module.css";
import { presenceText } from "./presence";
import type { PersonLike, Presence } from "./types";
import { t } from "./words";

interface PersonRowProps {
  person: PersonLike;
  presence?: Presence | null | undefined;
  /** The second line, when it is not about presence. */
  detail?: ComponentChildren;
  /** Beside the name, such as a role. */
  badge?: ComponentChildren;
  /** Buttons at the end of the row. */
  actions?: ComponentChildren;
  /** Makes the row a button. */
  onSelect?: (() => void) | undefined;
  /** The row is one of several to pick, and whether it is picked. */
  picked?: boolean | undefined;
  /** Drawn at the end, inside the button: a hint of what a press does. */
  end?: ComponentChildren;
  disabled?: boolean;
}

/** The name nobody else can have, beside one that anybody may. */
export function Handle({ person }: { person: PersonLike }) {
  if (!person.username || person.username === person.name) return null;
  return <span class={styles.handle}>@{person.username}</span>;
}

/** Somebody in a list; stands in a `<ul>`. */
export function PersonRow({
  person,
  presence,
  detail,
  badge,
  actions,
  onSelect,
  picked,
  end,
  disabled = false,
}: PersonRowProps) {
  const secondLine = detail ?? (presence ? presenceText(presence) : null);
  const content = (
    <>
      <Avatar name={person.name} avatarUrl={person.avatar_url} online={presence?.online ?? false} />
      <span class={styles.words}>
        <span class={styles.nameLine}>
          <span class={styles.name} dir="auto">
            {person.name}
          </span>
          <Handle person={person} />
          {person.kind === "agent" && <Badge tone="cyan">{t("agent")}</Badge>}
          {badge}
        </span>
        {secondLine !== null && (
          <span class={classes(styles.detail, !detail && presence?.online && styles.here)}>{secondLine}</span>
        )}
      </span>
      {picked !== undefined && (
        <span class={classes(styles.pick, picked && styles.picked)} aria-hidden="true">
          {picked && <Icon name="check" size="s" />}
        </span>
      )}
      {end}
    </>
  );
  return (
    <li class={styles.row}>
      {onSelect ? (
        <button
          type="button"
          class={classes(styles.main, styles.press)}
          onClick={onSelect}
          disabled={disabled}
          {...(picked !== undefined && { "aria-pressed": picked })}
        >
          {content}
        </button>
      ) : (
        <div class={styles.main}>{content}</div>
      )}
      {actions && <div class={styles.actions}>{actions}</div>}
    </li>
  );
}
