import { useCallback, useEffect, useRef } from "preact/hooks";

import { currentUser } from "@/lib/api";
import { usePaged } from "@/lib/paged";
import { EmptyState, IconButton, Loaded } from "@/ui";

import { useMessenger } from "../context";
import type { ConversationShape, MessageShape } from "../model";
import { listPins } from "../model/api";
import { attempt } from "../parts/attempt";
import { shortMoment } from "../parts/format";
import { summary } from "../parts/lines";
import styles from "./group.module.css";
import { t } from "./words";

interface PinsProps {
  shape: ConversationShape;
  onJump: (seq: number) => void;
}

export function Pins({ shape, onJump }: PinsProps) {
  const load = useCallback((signal: AbortSignal) => listPins(shape.id, signal), [shape.id]);
  const paged = usePaged(load);
  const { reload } = paged;
  const pinned = shape.pinned_message_ids.join();
  const seen = useRef(pinned);
  useEffect(() => {
    if (seen.current !== pinned) reload();
    seen.current = pinned;
  }, [pinned, reload]);

  const canUnpin = shape.type === "direct" || shape.role === "admin";
  const nothing = (
    <EmptyState icon="pin" title={t("noPins")}>
      {t("noPinsText")}
    </EmptyState>
  );
  return (
    <Loaded from={paged} empty={nothing} lines={5} failed={t("failed")} inset>
      {(messages) => (
        <ul class={styles.list}>
          {messages.map((message) => (
            <Pin
              key={message.id}
              message={message}
              canUnpin={canUnpin}
              onJump={() => onJump(message.seq)}
              onGone={() => paged.change((all) => all.filter((one) => one.id !== message.id))}
            />
          ))}
        </ul>
      )}
    </Loaded>
  );
}

interface PinProps {
  message: MessageShape;
  canUnpin: boolean;
  onJump: () => void;
  onGone: () => void;
}

function Pin({ message, canUnpin, onJump, onGone }: PinProps) {
  const view = useMessenger().conversation(message.conversation_id);
  const unpin = async () => {
    if (await attempt(() => view.pin(message.id, false))) onGone();
  };
  return (
    <li class={styles.item}>
      <button type="button" class={styles.press} title={t("show")} onClick={onJump}>
        <span class={styles.itemLine}>
          <strong>{message.sender?.name ?? t("someone")}</strong>
          <time class={styles.dim} dateTime={message.created_at}>
            {shortMoment(message.created_at)}
          </time>
        </span>
        <span class={styles.excerpt}>{summary(message, currentUser.value?.id ?? null)}</span>
      </button>
      {canUnpin && <IconButton icon="close" label={t("unpin")} onClick={unpin} />}
    </li>
  );
}
