import type { ComponentChildren } from "preact";

import { Icon, ProgressBar } from "@/ui";

import { useMessenger } from "../context";
import type { Media, ShownMessage } from "../model";
import { openViewer } from "../overlays";
import { duration, fileSize } from "../parts/format";
import { isVoice } from "../parts/lines";
import { AudioPlayer } from "./AudioPlayer";
import styles from "./media.module.css";
import { t } from "./words";

const MAX_WIDTH_PX = 336;
const MAX_HEIGHT_PX = 400;
const MIN_SIDE_PX = 120;

/** The file of a message, in the way of its kind. */
export function Attachment({ message, senderName }: { message: ShownMessage; senderName: string }) {
  const { media } = message;
  if (media === null) return null;
  return (
    <div class={styles.attachment}>
      <Kind message={message} media={media} senderName={senderName} />
      {message.upload !== null && <Upload upload={message.upload} />}
    </div>
  );
}

interface KindProps {
  message: ShownMessage;
  media: Media;
  senderName: string;
}

function Kind({ message, media, senderName }: KindProps) {
  switch (media.kind) {
    case "image":
      return <Picture message={message} media={media} label={t("openImage", { name: senderName })} />;
    case "video":
      return <Picture message={message} media={media} label={t("openVideo", { name: senderName })} />;
    case "audio":
      return (
        <AudioPlayer
          id={media.id}
          localUrl={message.localUrl}
          size={media.size}
          seconds={media.duration}
          name={isVoice(media) ? null : media.name}
        />
      );
    default:
      return <Document message={message} media={media} />;
  }
}

/** A picture, or the first one of a video. Its room is there before it comes, so nothing jumps. */
function Picture({ message, media, label }: { message: ShownMessage; media: Media; label: string }) {
  const messenger = useMessenger();
  const isVideo = media.kind === "video";
  const canShow = !isVideo || media.has_thumbnail || message.localUrl !== null;
  const kind = media.has_thumbnail ? "thumbnail" : "full";
  const url = message.localUrl ?? (canShow ? messenger.mediaUrl(media.id, kind).value : null);
  const box = fit(media.width, media.height);
  return (
    <button
      type="button"
      class={styles.picture}
      aria-label={label}
      style={{ width: `${box.width}px`, aspectRatio: `${box.width} / ${box.height}` }}
      onClick={() => openViewer(message)}
    >
      {url !== null &&
        (isVideo && message.localUrl !== null ? (
          <video src={url} muted playsInline preload="metadata" tabIndex={-1} />
        ) : (
          <img src={url} alt="" decoding="async" draggable={false} />
        ))}
      {isVideo && (
        <span class={styles.playMark}>
          <Icon name="play" />
          {media.duration !== null && <span>{duration(media.duration)}</span>}
        </span>
      )}
    </button>
  );
}

function Document({ message, media }: { message: ShownMessage; media: Media }) {
  const messenger = useMessenger();
  const url = message.localUrl ?? messenger.mediaUrl(media.id).value;
  const inside: ComponentChildren = (
    <>
      <span class={styles.fileIcon}>
        <Icon name="file" />
      </span>
      <span class={styles.fileText}>
        <span class={styles.fileName}>{media.name}</span>
        <span class={styles.fileSize}>{fileSize(media.size)}</span>
      </span>
    </>
  );
  if (url === null) return <div class={styles.file}>{inside}</div>;
  return (
    <a class={styles.file} href={url} download={media.name} aria-label={t("download", { name: media.name })}>
      {inside}
      <Icon name="download" />
    </a>
  );
}

function Upload({ upload }: { upload: NonNullable<ShownMessage["upload"]> }) {
  const loaded = upload.loaded ?? 0;
  const percent = upload.total === 0 ? 0 : Math.floor((loaded / upload.total) * 100);
  const words = upload.loaded === null ? t("uploadWaits") : t("uploading", { percent });
  return (
    <div class={styles.upload}>
      <ProgressBar value={loaded} max={Math.max(1, upload.total)} label={words} tone="cyan" />
      <span>{words}</span>
    </div>
  );
}

/** The size a picture is drawn at: within the box, its shape kept, never so narrow that it cannot be pressed. */
export function fit(width: number | null, height: number | null): { width: number; height: number } {
  if (width === null || height === null || width <= 0 || height <= 0) return { width: 280, height: 210 };
  const scale = Math.min(1, MAX_WIDTH_PX / width, MAX_HEIGHT_PX / height);
  return {
    width: Math.max(MIN_SIDE_PX, Math.round(width * scale)),
    height: Math.max(MIN_SIDE_PX, Math.round(height * scale)),
  };
}
