import { useMemo } from "preact/hooks";

import { classes } from "@/ui";

import styles from "./bubble.module.css";
import { isBigEmoji, richText } from "./pieces";

interface Props {
  text: string;
  /** Lower-case names of members. */
  usernames: ReadonlySet<string>;
  myUsername: string | null;
}

export function RichText({ text, usernames, myUsername }: Props) {
  const pieces = useMemo(() => richText(text, usernames), [text, usernames]);
  const mine = myUsername?.toLowerCase();
  return (
    <p class={classes(styles.text, isBigEmoji(text) && styles.bigEmoji)}>
      {pieces.map((piece, index) => {
        switch (piece.kind) {
          case "text":
            return piece.text;
          case "code":
            return <code key={index}>{piece.text}</code>;
          case "mention":
            return (
              <span
                key={index}
                class={classes(styles.mention, piece.username.toLowerCase() === mine && styles.mentionMe)}
              >
                {piece.text}
              </span>
            );
          case "link":
            return (
              <a key={index} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
                {piece.text}
              </a>
            );
        }
      })}
    </p>
  );
}
