import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";

import { classes } from "@/ui";

import styles from "./bubble.module.css";
import { ALL } from "./context";
import { Diagram } from "./Diagram";
import { isBigEmoji, paint, type Painted, type Piece } from "./pieces";

interface Props {
  text: string;
  /** Lower-case names of members. */
  usernames: ReadonlySet<string>;
  myUsername: string | null;
}

export function RichText({ text, usernames, myUsername }: Props) {
  const blocks = useMemo(() => paint(text, usernames), [text, usernames]);
  const mine = myUsername?.toLowerCase();
  const [only] = blocks;
  if (only?.kind === "paragraph" && blocks.length === 1) {
    return (
      <p dir="auto" class={classes(styles.text, isBigEmoji(text) && styles.bigEmoji)}>
        {pieces(only.children, mine)}
      </p>
    );
  }
  return <div class={classes(styles.text, styles.blocks)}>{blocks.map((block, index) => drawn(block, index, mine))}</div>;
}

function drawn(block: Painted, key: number, mine: string | undefined): ComponentChildren {
  switch (block.kind) {
    case "paragraph":
      return (
        <p key={key} dir="auto">
          {pieces(block.children, mine)}
        </p>
      );
    case "code":
      return block.language === "mermaid" ? (
        <Diagram key={key} source={block.text} />
      ) : (
        <pre key={key} dir="ltr" tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      );
    case "quote":
      return (
        <blockquote key={key} dir="auto">
          {block.children.map((one, index) => drawn(one, index, mine))}
        </blockquote>
      );
    case "list": {
      const items = block.items.map((item, index) => <li key={index}>{item.map((one, at) => drawn(one, at, mine))}</li>);
      return block.start === null ? (
        <ul key={key} dir="auto">
          {items}
        </ul>
      ) : (
        <ol key={key} dir="auto" start={block.start}>
          {items}
        </ol>
      );
    }
  }
}

function pieces(all: readonly Piece[], mine: string | undefined): ComponentChildren {
  return all.map((piece, index) => {
    switch (piece.kind) {
      case "text":
        return piece.text;
      case "code":
        return (
          <code key={index} dir="ltr">
            {piece.text}
          </code>
        );
      case "mention":
        return (
          <span
            key={index}
            class={classes(styles.mention, [mine, ALL].includes(piece.username.toLowerCase()) && styles.mentionMe)}
          >
            {piece.text}
          </span>
        );
      case "link":
      case "words":
        return (
          <a
            key={index}
            href={piece.href}
            target="_blank"
            rel="noopener noreferrer nofollow"
            {...(piece.kind === "words" && { title: piece.href })}
          >
            {piece.kind === "words" ? pieces(piece.children, mine) : piece.text}
          </a>
        );
      default: {
        const Mark = piece.kind;
        return <Mark key={index}>{pieces(piece.children, mine)}</Mark>;
      }
    }
  });
}
