import { classes } from "@/ui";

import type { ShownMessage } from "../model";
import styles from "./bubble.module.css";
import type { RowContext } from "./context";
import { t } from "./words";

interface ReactionsProps {
  message: ShownMessage;
  context: Pick<RowContext, "me" | "names" | "actions">;
  canReact: boolean;
}

/** The emoji under a message, each with its number; pressing one adds or takes away one's own. */
export function Reactions({ message, context, canReact }: ReactionsProps) {
  return (
    <div class={styles.reactions} role="group" aria-label={t("reactions")}>
      {message.reactions.map(({ emoji, user_ids: ids }) => {
        const isMine = context.me !== null && ids.includes(context.me);
        const label = t("reactionBy", { emoji, count: ids.length, names: namesOf(ids, context) });
        return (
          <button
            key={emoji}
            type="button"
            class={classes(styles.reaction, isMine && styles.reactionMine)}
            aria-pressed={isMine}
            aria-label={label}
            title={label}
            disabled={!canReact}
            onClick={() => context.actions.react(message, emoji)}
          >
            <span aria-hidden="true">{emoji}</span>
            {ids.length > 1 && <span aria-hidden="true">{ids.length}</span>}
          </button>
        );
      })}
    </div>
  );
}

function namesOf(ids: readonly string[], { me, names }: Pick<RowContext, "me" | "names">): string {
  const known = ids.map((id) => (id === me ? t("you") : names.get(id))).filter((name) => name !== undefined);
  if (known.length < ids.length) known.push(t("unknownPeople"));
  return known.join(", ");
}
