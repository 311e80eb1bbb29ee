import { useMemo } from "preact/hooks";

import type { ConversationShape, ShownMessage } from "../model";
import { dayName } from "../parts/format";
import { albumHeight } from "./Album";
import type { RowContext } from "./context";
import { messagesOf } from "./items";
import type { Item } from "./items";
import { MessageRow } from "./MessageRow";
import styles from "./timeline.module.css";
import { t } from "./words";

const NOT_AN_ALBUM: readonly ShownMessage[] = [];

interface ItemRowProps {
  item: Item;
  context: RowContext;
  litSeq: number | null;
}

/** Scrolling draws the list again at every step; what stands in a row is only drawn anew when it changed. */
export function ItemRow({ item, context, litSeq }: ItemRowProps) {
  const message = item.kind === "message" ? item.message : null;
  const isFirst = item.kind === "message" && item.isFirst;
  const isLast = item.kind === "message" && item.isLast;
  const album = item.kind === "message" ? item.album : NOT_AN_ALBUM;
  const isTarget = litSeq !== null && messagesOf(item).some(({ seq }) => seq === litSeq);
  const drawn = useMemo(
    () =>
      message && (
        <MessageRow
          message={message}
          album={album}
          isFirst={isFirst}
          isLast={isLast}
          isTarget={isTarget}
          context={context}
        />
      ),
    [message, album, isFirst, isLast, isTarget, context],
  );
  switch (item.kind) {
    case "message":
      return drawn;
    case "day":
      return (
        <p class={styles.day}>
          <span>{dayName(item.at)}</span>
        </p>
      );
    case "unread":
      return (
        <p class={styles.unread} role="separator">
          <span>{t("unreadLine")}</span>
        </p>
      );
    case "start":
      return <Start conversation={context.conversation} />;
  }
}

function Start({ conversation }: { conversation: ConversationShape }) {
  const { name } = conversation;
  const isGroup = conversation.type === "group";
  if (conversation.is_saved) {
    return (
      <div class={styles.start}>
        <strong>{t("startSaved")}</strong>
      </div>
    );
  }
  return (
    <div class={styles.start}>
      <strong>{isGroup ? t("startGroup", { name }) : t("startDirect", { name })}</strong>
      {!isGroup && conversation.last_seq === 0 && <p>{t("sayHello", { name })}</p>}
    </div>
  );
}

/** The height of a row before it is drawn: near enough that the scroll bar does not jump much when it is. */
export function estimate(item: Item | undefined): number {
  if (item?.kind !== "message") return 48;
  const { message } = item;
  const lines = Math.ceil(message.content.length / 48) + (message.content.match(/\n/g)?.length ?? 0);
  if (item.album.length > 1) return 44 + albumHeight(item.album.length);
  const media = message.media === null ? 0 : message.media.kind === "image" || message.media.kind === "video" ? 240 : 56;
  return 44 + lines * 22 + media + (message.reply_to === null ? 0 : 52) + (message.reactions.length > 0 ? 28 : 0);
}
