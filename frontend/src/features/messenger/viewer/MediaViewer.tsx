import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";

import { formatDate } from "@/lib/i18n";
import { classes, Icon, IconButton, useBack } from "@/ui";

import { useMessenger } from "../context";
import type { ShownMessage } from "../model";
import { Gallery } from "./gallery";
import { Picture } from "./Picture";
import styles from "./viewer.module.css";
import { t } from "./words";

interface MediaViewerProps {
  conversationId: string;
  message: ShownMessage;
  onClose: () => void;
  onForward: (message: ShownMessage) => void;
  onJump: (seq: number) => void;
}

/** A photo or video over everything else, with its neighbours an arrow away. */
export function MediaViewer({ conversationId, message, onClose, onForward, onJump }: MediaViewerProps) {
  const messenger = useMessenger();
  const dialog = useRef<HTMLDialogElement>(null);
  const gallery = useMemo(
    () => new Gallery(conversationId, message, messenger.conversation(conversationId).messages),
    // The message it was opened with; later ones come through `current`.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [conversationId, messenger],
  );
  // Its key stays the same when it has been sent.
  const currentKey = useSignal(message.key);
  const items = gallery.items.value;
  const index = items.findIndex((item) => item.key === currentKey.value);
  const current = items[index] ?? message;
  const seq = current.seq;

  useBack(true, onClose);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Not the first button: the arrows are for the picture.
    element?.focus();
    return () => element?.close();
  }, []);
  useEffect(() => () => gallery.close(), [gallery]);
  // Neighbours are a comfort: without them the picture is still there.
  useEffect(() => {
    if (seq !== null) gallery.reach(seq).catch(() => undefined);
  }, [gallery, seq]);

  const go = (step: number) => {
    const next = items[index + step];
    if (next) currentKey.value = next.key;
  };
  const leave = (then: (message: ShownMessage) => void) => {
    onClose();
    then(current);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // The arrows of a video's own controls seek in it.
    if (event.target instanceof HTMLVideoElement) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined || event.altKey) return;
    event.preventDefault();
    go(step);
  };

  return (
    <dialog
      ref={dialog}
      class={classes("full-screen", styles.viewer)}
      aria-label={t("viewer")}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <Bar
        message={current}
        onClose={onClose}
        onForward={() => leave(onForward)}
        onJump={seq === null ? null : () => leave(() => onJump(seq))}
      />
      <Stage key={current.id} message={current} onStep={go} />
      {items.length > 1 && (
        <>
          <span class={styles.previous}>
            <IconButton icon="left" variant="framed" label={t("earlier")} disabled={index <= 0} onClick={() => go(-1)} />
          </span>
          <span class={styles.next}>
            <IconButton
              icon="right"
              variant="framed"
              label={t("later")}
              disabled={index >= items.length - 1}
              onClick={() => go(1)}
            />
          </span>
        </>
      )}
      {current.content !== "" && <p class={styles.caption}>{current.content}</p>}
    </dialog>
  );
}

interface BarProps {
  message: ShownMessage;
  onClose: () => void;
  onForward: () => void;
  /** Null: not sent yet, so there is no place to go to. */
  onJump: (() => void) | null;
}

function Bar({ message, onClose, onForward, onJump }: BarProps) {
  const url = useMediaUrl(message);
  return (
    <header class={styles.bar}>
      <div class={styles.about}>
        <strong>{message.sender?.name ?? t("someone")}</strong>
        <time dateTime={message.created_at}>
          {formatDate(message.created_at, { dateStyle: "medium", timeStyle: "short" })}
        </time>
      </div>
      {url !== null && (
        <a class={styles.download} href={url} download={message.media?.name ?? ""} aria-label={t("download")}>
          <Icon name="download" />
        </a>
      )}
      {onJump !== null && (
        <>
          <IconButton icon="forward" label={t("forward")} onClick={onForward} />
          <IconButton icon="chat" label={t("show")} onClick={onJump} />
        </>
      )}
      <IconButton icon="close" label={t("close")} onClick={onClose} />
    </header>
  );
}

interface StageProps {
  message: ShownMessage;
  onStep: (step: number) => void;
}

function Stage({ message, onStep }: StageProps) {
  const url = useMediaUrl(message);
  const broken = useSignal(false);
  if (broken.value) return <p class={styles.broken}>{t("broken")}</p>;
  if (url === null) return <p class={styles.broken}>{t("loading")}</p>;
  const fail = () => (broken.value = true);
  if (message.media?.kind === "video") {
    return (
      <div class={styles.stage}>
        {/* Captions would have to come from whoever sent it. */}
        <video class={styles.video} src={url} controls autoPlay playsInline onError={fail} />
      </div>
    );
  }
  const words = { name: message.sender?.name ?? t("someone"), date: formatDate(message.created_at) };
  return (
    <Picture
      url={url}
      label={message.content === "" ? t("photoOf", words) : message.content}
      onStep={onStep}
      onError={fail}
    />
  );
}

function useMediaUrl(message: ShownMessage): string | null {
  const messenger = useMessenger();
  if (message.localUrl !== null) return message.localUrl;
  return message.media === null ? null : messenger.mediaUrl(message.media.id, "full").value;
}
