import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

import { Button, classes, Icon, IconButton } from "@/ui";
import { Avatar, toneOf } from "@/ui/avatar";

import type { ShownMessage } from "../model";
import { timeOfDay } from "../parts/format";
import { noteText, summary } from "../parts/lines";
import { permissions } from "./actions";
import { Album } from "./Album";
import { Attachment } from "./Attachment";
import { BroughtFoot } from "./Brought";
import styles from "./bubble.module.css";
import type { RowContext } from "./context";
import { Reactions } from "./Reactions";
import { RichText } from "./RichText";
import { senderName } from "./spoken";
import { StoryQuote } from "./StoryQuote";
import { Ticks } from "./Ticks";
import { TranslationLine } from "./TranslationLine";
import { usePressAndSwipe } from "./usePressAndSwipe";
import { t } from "./words";

interface Props {
  message: ShownMessage;
  /** What it stands together with, itself the last; empty for what stands alone. */
  album: readonly ShownMessage[];
  isFirst: boolean;
  isLast: boolean;
  /** Lit up, because somebody asked to see it. */
  isTarget: boolean;
  context: RowContext;
}

export function MessageRow(props: Props) {
  if (props.message.message_type === "system") return <Note message={props.message} me={props.context.me} />;
  return <Bubble {...props} />;
}

function Note({ message, me }: { message: ShownMessage; me: string | null }) {
  const isMissed = message.system?.action === "call_missed";
  return (
    <p class={classes(styles.note, isMissed && styles.noteMissed)}>
      <span dir="auto">{message.system === null ? message.content : noteText(message.system, me)}</span>
      <time dateTime={message.created_at}>{timeOfDay(message.created_at)}</time>
    </p>
  );
}

function Bubble({ message: newest, album, isFirst, isLast, isTarget, context }: Props) {
  const all = album.length > 0 ? album : [newest];
  // What is said, answered and done to an album as one is its first message's that is still there.
  const message = all.find(({ is_deleted: isGone }) => !isGone) ?? newest;
  const { conversation, me, actions, openMenu } = context;
  const bubble = useRef<HTMLDivElement>(null);
  const isMine = message.delivery !== null || (me !== null && message.sender?.id === me);
  const isGroup = conversation.type === "group";
  const name = senderName(message);
  const may = permissions(message, conversation, me);
  const menu = () => bubble.current !== null && openMenu(message, bubble.current, "menu");
  const touch = usePressAndSwipe({
    onPress: menu,
    onSwipe: may.canReply ? () => actions.reply(message) : null,
    element: bubble,
  });
  return (
    <div
      class={classes(
        styles.row,
        isMine ? styles.mine : styles.theirs,
        isFirst && styles.first,
        isTarget && styles.target,
        isGroup && styles.inGroup,
      )}
    >
      {isGroup && !isMine && (
        <span class={styles.gutter}>
          {isLast && <Avatar name={name} avatarUrl={message.sender?.avatar_url ?? ""} size="s" />}
        </span>
      )}
      <div class={styles.column}>
        <div class={styles.line}>
          <div
            ref={bubble}
            data-bubble
            aria-busy={message.agent?.state === "writing" ? true : undefined}
            class={classes(styles.bubble, message.is_deleted && styles.gone, message.media !== null && styles.withMedia)}
            {...touch}
            onContextMenu={(event) => {
              // A selection or a link keeps the browser's own menu.
              if (event.target instanceof Element && event.target.closest("a") !== null) return;
              if ((window.getSelection()?.toString() ?? "") !== "") return;
              event.preventDefault();
              menu();
            }}
          >
            {isGroup && !isMine && isFirst && <SenderLine message={message} name={name} />}
            <Content message={message} all={all} name={name} isMine={isMine} context={context} />
          </div>
          <Tools message={message} canReply={may.canReply} canReact={may.canReact} context={context} onMenu={menu} />
        </div>
        {message.agent !== null && !message.is_deleted && <BroughtFoot message={message} conversation={conversation} />}
        {all.map(
          (one) =>
            one.reactions.length > 0 && (
              <Reactions key={one.key} message={one} context={context} canReact={may.canReact} />
            ),
        )}
        {all.map(
          (one) => one.delivery?.state === "failed" && <Failure key={one.key} message={one} context={context} />,
        )}
      </div>
    </div>
  );
}

function SenderLine({ message, name }: { message: ShownMessage; name: string }) {
  return (
    <p class={classes(styles.sender, styles[`tone_${toneOf(name)}`])}>
      <bdi>{name}</bdi>
      {message.sender?.kind === "agent" && <span class={styles.agent}>{t("agent")}</span>}
    </p>
  );
}

interface ContentProps {
  message: ShownMessage;
  all: readonly ShownMessage[];
  name: string;
  isMine: boolean;
  context: RowContext;
}

function Content({ message, all, name, isMine, context }: ContentProps) {
  if (message.is_deleted) {
    return (
      <p class={styles.text}>
        <span class={styles.tombstone}>
          <Icon name="trash" size="s" /> {t("deleted")}
        </span>
        <Meta message={message} isMine={false} />
      </p>
    );
  }
  return (
    <>
      {message.is_forwarded && <Forwarded message={message} />}
      {message.reply_to !== null && <Quote message={message} context={context} />}
      {message.story_id !== null && <StoryQuote storyId={message.story_id} />}
      {all.length > 1 ? (
        <Album messages={all} senderName={isMine ? t("you") : name} openMenu={context.openMenu} />
      ) : (
        <Attachment message={message} senderName={isMine ? t("you") : name} />
      )}
      {all.map((one) => one.content !== "" && <Words key={one.key} message={one} context={context} />)}
      {message.link_preview !== null && <Preview message={message} />}
      <Meta message={asOne(all, message)} isMine={isMine} />
    </>
  );
}

function Words({ message, context }: { message: ShownMessage; context: RowContext }) {
  return (
    <>
      <RichText
        text={message.content}
        usernames={message.mentions.includes(message.conversation_id) ? context.everybody : context.usernames}
        myUsername={context.myUsername}
      />
      <TranslationLine message={message} actions={context.actions} />
    </>
  );
}

/** Under an album stands what became of all of it: the last has come only when the others have. */
function asOne(all: readonly ShownMessage[], message: ShownMessage): ShownMessage {
  const last = all.at(-1) ?? message;
  const is_edited = all.some((one) => one.is_edited);
  const is_pinned = all.some((one) => one.is_pinned);
  return all.length > 1 ? { ...last, is_deleted: false, is_edited, is_pinned } : message;
}

function Meta({ message, isMine }: { message: ShownMessage; isMine: boolean }) {
  return (
    <span class={styles.meta}>
      {message.is_pinned && (
        <span role="img" aria-label={t("pinned")}>
          <Icon name="pin" size="s" />
        </span>
      )}
      {message.is_edited && !message.is_deleted && <span>{t("edited")}</span>}
      <time dateTime={message.created_at}>{timeOfDay(message.created_at)}</time>
      {isMine && message.delivery !== null && <Ticks delivery={message.delivery} />}
    </span>
  );
}

function Forwarded({ message }: { message: ShownMessage }) {
  const from = message.forwarded_from?.name;
  return (
    <p class={styles.forwarded}>
      <Icon name="forward" size="s" />
      {from === undefined ? t("forwarded") : t("forwardedFrom", { name: from })}
    </p>
  );
}

function Quote({ message, context }: { message: ShownMessage; context: RowContext }) {
  const quoted = message.reply_to;
  if (quoted === null) return null;
  const name = quoted.sender?.id === context.me ? t("you") : (quoted.sender?.name ?? t("someone"));
  const line = summary({ ...quoted, message_type: quoted.message_type as ShownMessage["message_type"] }, context.me);
  return (
    <button
      type="button"
      class={styles.quote}
      aria-label={t("replyTo", { name, line })}
      disabled={quoted.is_deleted}
      onClick={() => context.jumpTo(quoted.seq)}
    >
      <strong dir="auto">{name}</strong>
      <span dir="auto">{line}</span>
    </button>
  );
}

function Preview({ message }: { message: ShownMessage }) {
  const preview = message.link_preview;
  if (preview === null || !/^https?:\/\//i.test(preview.url)) return null;
  return (
    <a class={styles.preview} href={preview.url} target="_blank" rel="noopener noreferrer nofollow">
      {preview.site_name !== "" && <span class={styles.site}>{preview.site_name}</span>}
      <strong dir="auto">{preview.title}</strong>
      {preview.description !== "" && <span class={styles.description} dir="auto">{preview.description}</span>}
    </a>
  );
}

interface ToolsProps {
  message: ShownMessage;
  canReply: boolean;
  canReact: boolean;
  context: RowContext;
  onMenu: () => void;
}

/** Beside the bubble, for those who have a mouse or a keyboard. */
function Tools({ message, canReply, canReact, context, onMenu }: ToolsProps) {
  const tools: ComponentChildren[] = [];
  if (canReact) {
    tools.push(
      <IconButton
        key="react"
        icon="smile"
        label={t("react")}
        tabIndex={-1}
        onClick={(event) => context.openMenu(message, event.currentTarget, "palette")}
      />,
    );
  }
  if (canReply) {
    tools.push(
      <IconButton
        key="reply"
        icon="reply"
        label={t("reply")}
        tabIndex={-1}
        onClick={() => context.actions.reply(message)}
      />,
    );
  }
  if (!message.is_deleted) {
    tools.push(<IconButton key="more" icon="more" label={t("moreActions")} tabIndex={-1} onClick={onMenu} />);
  }
  return <div class={styles.tools}>{tools}</div>;
}

function Failure({ message, context }: { message: ShownMessage; context: RowContext }) {
  const { delivery } = message;
  if (delivery?.state !== "failed") return null;
  return (
    <div class={styles.failure} role="alert">
      <p>
        <Icon name="warning" size="s" /> {delivery.sentence}
      </p>
      <div>
        {delivery.retryable && <Button onClick={() => context.actions.resend(message)}>{t("retry")}</Button>}
        <Button variant="ghost" onClick={() => context.actions.discard(message)}>
          {t("discard")}
        </Button>
      </div>
    </div>
  );
}
