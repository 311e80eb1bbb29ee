import { classes, Icon, ProgressBar } from "@/ui";

import { useMessenger } from "../context";
import type { ShownMessage } from "../model";
import { openViewer } from "../overlays";
import { duration } from "../parts/format";
import styles from "./album.module.css";
import type { RowContext } from "./context";
import { t } from "./words";

const WIDTH_PX = 336;

interface AlbumProps {
  messages: readonly ShownMessage[];
  senderName: string;
  openMenu: RowContext["openMenu"];
}

/** Pictures and films that were sent together. Each is a message: it opens, answers and goes alone. */
export function Album({ messages, senderName, openMenu }: AlbumProps) {
  return (
    <ul class={styles.album} aria-label={t("album", { count: messages.length })}>
      {messages.map((message, index) => (
        <li key={message.key} class={classes(styles.tile, styles[shareOf(index, messages.length)])}>
          <Tile message={message} senderName={senderName} openMenu={openMenu} />
        </li>
      ))}
    </ul>
  );
}

interface TileProps {
  message: ShownMessage;
  senderName: string;
  openMenu: RowContext["openMenu"];
}

function Tile({ message, senderName, openMenu }: TileProps) {
  const messenger = useMessenger();
  const { media, upload } = message;
  if (message.is_deleted || media === null) {
    return (
      <span class={styles.gone} role="img" aria-label={t("deleted")}>
        <Icon name="trash" />
      </span>
    );
  }
  const isVideo = media.kind === "video";
  const canShow = !isVideo || media.has_thumbnail;
  const kind = media.has_thumbnail ? "thumbnail" : "full";
  const url = message.localUrl ?? (canShow ? messenger.mediaUrl(media.id, kind).value : null);
  const loaded = upload?.loaded ?? 0;
  return (
    <button
      type="button"
      class={styles.open}
      aria-label={t(isVideo ? "openVideo" : "openImage", { name: senderName })}
      onClick={() => openViewer(message)}
      onContextMenu={(event) => {
        event.preventDefault();
        // The bubble's own menu is the first message's.
        event.stopPropagation();
        openMenu(message, event.currentTarget, "menu");
      }}
    >
      {url !== null &&
        (isVideo && message.localUrl !== null ? (
          <video src={url} muted playsInline preload="metadata" tabIndex={-1} />
        ) : (
          <img src={url} alt="" decoding="async" draggable={false} />
        ))}
      {isVideo && (
        <span class={styles.mark}>
          <Icon name="play" size="s" />
          {media.duration !== null && duration(media.duration)}
        </span>
      )}
      {message.delivery?.state === "failed" && (
        <span class={styles.mark}>
          <Icon name="warning" size="s" />
        </span>
      )}
      {upload !== null && (
        <span class={styles.bar}>
          <ProgressBar
            value={loaded}
            max={Math.max(1, upload.total)}
            label={
              upload.loaded === null
                ? t("uploadWaits")
                : t("uploading", { percent: Math.floor((loaded / Math.max(1, upload.total)) * 100) })
            }
            tone="cyan"
          />
        </span>
      )}
    </button>
  );
}

type Share = "whole" | "half" | "third";

/** How much of a row a picture has: rows of three, and rows of two before them for what is left over. */
export function shareOf(index: number, count: number): Share {
  if (count === 3) return index === 0 ? "whole" : "half";
  const inPairs = count % 3 === 0 ? 0 : count % 3 === 1 ? 4 : 2;
  return index < inPairs ? "half" : "third";
}

/** About how high it will be, in pixels. */
export function albumHeight(count: number): number {
  if (count === 3) return WIDTH_PX / 2 + WIDTH_PX / 2;
  const inPairs = count % 3 === 0 ? 0 : count % 3 === 1 ? 4 : 2;
  return (inPairs / 2) * (WIDTH_PX / 2) + ((count - inPairs) / 3) * (WIDTH_PX / 3);
}
