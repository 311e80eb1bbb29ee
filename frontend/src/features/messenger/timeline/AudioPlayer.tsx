import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { IconButton } from "@/ui";

import { useMessenger } from "../context";
import { duration } from "../parts/format";
import styles from "./media.module.css";
import { t } from "./words";

interface Props {
  id: string;
  localUrl: string | null;
  /** As the server measured it; browsers do not know it before the file is loaded. */
  seconds: number | null;
  /** Null for a voice message, which has none worth reading. */
  name: string | null;
}

/** Only one speaks at a time. */
let playing: HTMLAudioElement | null = null;

export function AudioPlayer({ id, localUrl, seconds, name }: Props) {
  const messenger = useMessenger();
  const audio = useRef<HTMLAudioElement>(null);
  const isPlaying = useSignal(false);
  const at = useSignal(0);
  const learned = useSignal(0);
  const length = learned.value || (seconds ?? 0);
  const url = localUrl ?? messenger.mediaUrl(id).value;

  useEffect(() => {
    const element = audio.current;
    return () => {
      if (playing === element) playing = null;
      element?.pause();
    };
  }, []);

  const toggle = () => {
    const element = audio.current;
    if (element === null) return;
    if (!element.paused) {
      element.pause();
      return;
    }
    if (playing !== element) playing?.pause();
    playing = element;
    void element.play().catch(() => (isPlaying.value = false));
  };
  const learnLength = (element: HTMLAudioElement) => {
    if (Number.isFinite(element.duration)) learned.value = element.duration;
  };
  return (
    <div class={styles.audio}>
      <audio
        ref={audio}
        {...(url !== null && { src: url })}
        preload="none"
        onPlay={() => (isPlaying.value = true)}
        onPause={() => (isPlaying.value = false)}
        onEnded={() => (at.value = 0)}
        onTimeUpdate={(event) => (at.value = event.currentTarget.currentTime)}
        onLoadedMetadata={(event) => learnLength(event.currentTarget)}
        onDurationChange={(event) => learnLength(event.currentTarget)}
      />
      <IconButton
        icon={isPlaying.value ? "pause" : "play"}
        variant="framed"
        label={isPlaying.value ? t("pause") : t("play")}
        disabled={url === null}
        onClick={toggle}
      />
      <div class={styles.track}>
        {name !== null && <span class={styles.fileName}>{name}</span>}
        <input
          type="range"
          aria-label={t("position")}
          aria-valuetext={`${duration(at.value)} / ${duration(length)}`}
          min={0}
          max={Math.max(0.1, length)}
          step={0.1}
          value={at.value}
          onInput={(event) => {
            const to = Number(event.currentTarget.value);
            at.value = to;
            if (audio.current !== null) audio.current.currentTime = to;
          }}
        />
        <span class={styles.time}>
          {isPlaying.value || at.value > 0 ? `${duration(at.value)} / ` : ""}
          {duration(length)}
        </span>
      </div>
    </div>
  );
}
