import { useSignal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { formatNumber } from "@/lib/i18n";
import { IconButton } from "@/ui";

import { useMessenger } from "../context";
import { duration } from "../parts/format";
import styles from "./media.module.css";
import { changeSpeed, speed } from "./speed";
import { BARS, barsOf } from "./waveform";
import { t } from "./words";

interface Props {
  id: string;
  localUrl: string | null;
  /** Bytes. */
  size: number;
  /** As the server measured it; browsers do not know it before the file is loaded. */
  seconds: number | null;
  /** Null for a voice message, which has none worth reading and shows how loud it is instead. */
  name: string | null;
}

/** Only one speaks at a time. */
let playing: HTMLAudioElement | null = null;

export function AudioPlayer({ id, localUrl, size, seconds, name }: Props) {
  const messenger = useMessenger();
  const audio = useRef<HTMLAudioElement>(null);
  const isPlaying = useSignal(false);
  const wasPlayed = useSignal(false);
  const at = useSignal(0);
  const learned = useSignal(0);
  const length = learned.value || (seconds ?? 0);
  const url = localUrl ?? messenger.mediaUrl(id).value;
  const isVoice = name === null;
  const bars = useBars(id, isVoice && wasPlayed.value && localUrl === null ? url : null, size);
  useRate(audio);

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
    wasPlayed.value = true;
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
        <div class={styles.sound}>
          {isVoice && <Waveform bars={bars} share={length > 0 ? at.value / length : 0} />}
          <Position at={at} length={length} audio={audio} class={isVoice ? styles.overWaveform : undefined} />
        </div>
        <span class={styles.time}>
          {isPlaying.value || at.value > 0 ? `${duration(at.value)} / ` : ""}
          {duration(length)}
        </span>
      </div>
      {wasPlayed.value && <Speed />}
    </div>
  );
}

interface PositionProps {
  at: Signal<number>;
  length: number;
  audio: RefObject<HTMLAudioElement | null>;
  class: string | undefined;
}

function Position({ at, length, audio, class: name }: PositionProps) {
  return (
    <input
      type="range"
      class={name}
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
  );
}

/** How fast all recordings are played. */
function Speed() {
  const rate = formatNumber(speed.value);
  return (
    <button type="button" class={styles.speed} aria-label={t("speed", { rate })} onClick={changeSpeed}>
      {rate}×
    </button>
  );
}

function useRate(audio: RefObject<HTMLAudioElement | null>): void {
  const rate = speed.value;
  useLayoutEffect(() => {
    if (audio.current === null) return;
    // The second is forgotten when another source is loaded, the first is what it goes back to.
    audio.current.defaultPlaybackRate = rate;
    audio.current.playbackRate = rate;
  }, [audio, rate]);
}

function useBars(id: string, url: string | null, size: number): readonly number[] | null {
  const bars = useSignal<readonly number[] | null>(null);
  useEffect(() => {
    if (url === null) return;
    let isHere = true;
    void barsOf(id, url, size).then((found) => {
      if (isHere) bars.value = found;
    });
    return () => {
      isHere = false;
    };
  }, [id, url, size, bars]);
  return bars.value;
}

/** Before it was played nobody has listened to how loud it is: a quiet line of the same room. */
const QUIET: readonly number[] = Array.from({ length: BARS }, () => 0);
const HEIGHT = 24;
const LEAST = 3;

function Waveform({ bars, share }: { bars: readonly number[] | null; share: number }) {
  return (
    <svg
      class={styles.waveform}
      viewBox={`0 0 ${BARS * 4 - 1} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      data-known={bars !== null}
    >
      {(bars ?? QUIET).map((level, bar) => {
        const height = Math.max(LEAST, level * HEIGHT);
        return (
          <rect
            key={bar}
            class={(bar + 0.5) / BARS <= share ? styles.played : undefined}
            x={bar * 4}
            y={(HEIGHT - height) / 2}
            width={3}
            height={height}
          />
        );
      })}
    </svg>
  );
}
