import { useSignal } from "@preact/signals";
import { useCallback, useId } from "preact/hooks";

import { formatDate } from "@/lib/i18n";
import { usePaged } from "@/lib/paged";
import { classes, EmptyState, Icon, IconButton, Loaded } from "@/ui";

import { useMessenger } from "../context";
import type { MessageShape } from "../model";
import { listMedia } from "../model/api";
import { openViewer } from "../overlays";
import { duration, fileSize } from "../parts/format";
import { isVoice } from "../parts/lines";
import { AudioPlayer } from "../timeline/AudioPlayer";
import { asShown } from "../viewer/gallery";
import styles from "./group.module.css";
import { t } from "./words";

const KINDS = ["image", "video", "audio", "file"] as const;
type Kind = (typeof KINDS)[number];
const NAMES = { image: "images", video: "videos", audio: "audio", file: "files" } as const;
const NONE = { image: "noImages", video: "noVideos", audio: "noAudio", file: "noFiles" } as const;
const ICONS = { image: "image", video: "play", audio: "mic", file: "file" } as const;

interface ShelfProps {
  conversationId: string;
  onJump: (seq: number) => void;
}

/** What was sent here that is not words, by kind, the newest first. */
export function MediaShelf({ conversationId, onJump }: ShelfProps) {
  const kind = useSignal<Kind>("image");
  const id = useId();
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    kind.value = KINDS[(KINDS.indexOf(kind.value) + step + KINDS.length) % KINDS.length] ?? "image";
    document.getElementById(`${id}-${kind.value}`)?.focus();
  };
  return (
    <>
      <div class={styles.tabs} role="tablist" aria-label={t("media")} onKeyDown={move}>
        {KINDS.map((one) => (
          <button
            key={one}
            id={`${id}-${one}`}
            type="button"
            role="tab"
            class={styles.tab}
            aria-selected={one === kind.value}
            aria-controls={`${id}-panel`}
            tabIndex={one === kind.value ? 0 : -1}
            onClick={() => (kind.value = one)}
          >
            {t(NAMES[one])}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${kind.value}`}>
        <Shelf key={kind.value} kind={kind.value} conversationId={conversationId} onJump={onJump} />
      </div>
    </>
  );
}

function Shelf({ kind, conversationId, onJump }: ShelfProps & { kind: Kind }) {
  const load = useCallback(
    (signal: AbortSignal) => listMedia(conversationId, kind, signal),
    [conversationId, kind],
  );
  const paged = usePaged(load);
  const isPicture = kind === "image" || kind === "video";
  const nothing = (
    <EmptyState icon={ICONS[kind]} title={t(NONE[kind])}>
      {t("noMediaText")}
    </EmptyState>
  );
  return (
    <Loaded from={paged} empty={nothing} lines={5} failed={t("failed")} inset>
      {(messages) => (
        <ul class={isPicture ? styles.grid : styles.list}>
          {messages.map((message) =>
            isPicture ? (
              <Picture key={message.id} message={message} />
            ) : (
              <FileRow key={message.id} message={message} onJump={() => onJump(message.seq)} />
            ),
          )}
        </ul>
      )}
    </Loaded>
  );
}

function Picture({ message }: { message: MessageShape }) {
  const messenger = useMessenger();
  const { media } = message;
  if (media === null) return null;
  const url = media.has_thumbnail || media.kind === "image" ? messenger.mediaUrl(media.id, "thumbnail").value : null;
  const words = { name: message.sender?.name ?? t("someone"), date: formatDate(message.created_at) };
  return (
    <li>
      <button
        type="button"
        class={styles.picture}
        aria-label={media.kind === "video" ? t("openVideo", words) : t("openImage", words)}
        onClick={() => openViewer(asShown(message))}
      >
        {url !== null && <img src={url} alt="" loading="lazy" />}
        {media.kind === "video" && (
          <span class={styles.length}>
            <Icon name="play" size="s" />
            {media.duration !== null && duration(media.duration)}
          </span>
        )}
      </button>
    </li>
  );
}

function FileRow({ message, onJump }: { message: MessageShape; onJump: () => void }) {
  const messenger = useMessenger();
  const { media } = message;
  if (media === null) return null;
  const isAudio = message.message_type === "audio";
  const url = isAudio ? null : messenger.mediaUrl(media.id).value;
  const about = [message.sender?.name, formatDate(message.created_at), !isAudio && fileSize(media.size)];
  return (
    <li class={classes(styles.item, styles.file)}>
      <div class={styles.fileWords}>
        {isAudio ? (
          <AudioPlayer id={media.id} localUrl={null} size={media.size} seconds={media.duration} name={isVoice(media) ? null : media.name} />
        ) : (
          <a
            class={styles.fileName}
            {...(url !== null && { href: url })}
            download={media.name}
            aria-label={t("download", { name: media.name })}
          >
            <Icon name="download" size="s" />
            <span>{media.name}</span>
          </a>
        )}
        <span class={styles.dim}>{about.filter(Boolean).join(" · ")}</span>
      </div>
      <IconButton icon="right" label={t("show")} onClick={onJump} />
    </li>
  );
}
