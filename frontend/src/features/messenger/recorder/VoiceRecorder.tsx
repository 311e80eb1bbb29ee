import { useSignal } from "@preact/signals";
import type { TargetedPointerEvent } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";

import { clock } from "@/lib/countdown";
import { classes, IconButton, toast } from "@/ui";

import styles from "./recorder.module.css";
import { MAX_SECONDS, Recording, RecordingError } from "./recording";
import { t } from "./words";

interface VoiceRecorderProps {
  onDone: (file: File) => void;
  onCancel: () => void;
}

const BARS = 40;
const SLIDE_TO_CANCEL_PX = 96;
/** The last minute is counted down. */
const WARN_SECONDS = 60;

/** Stands in place of the composer's text while it is there; begins by asking for the microphone. */
export function VoiceRecorder({ onDone, onCancel }: VoiceRecorderProps) {
  const recording = useMemo(() => new Recording(BARS), []);
  const room = useRef<HTMLDivElement>(null);
  const calls = useRef({ onDone, onCancel });
  calls.current = { onDone, onCancel };
  const isRecording = recording.state.value !== "asking";

  useEffect(() => {
    recording.start().catch((error: unknown) => {
      toast(t(error instanceof RecordingError ? error.reason : "failed"), { tone: "danger" });
      calls.current.onCancel();
    });
    room.current?.focus({ preventScroll: true });
    return () => recording.cancel();
  }, [recording]);

  const cancel = () => {
    recording.cancel();
    onCancel();
  };
  const send = async () => {
    const file = await recording.finish();
    if (file === null) onCancel();
    else onDone(file);
  };
  const slide = useSlide(cancel);

  return (
    <div
      ref={room}
      class={classes(styles.recorder, slide.far && styles.far)}
      role="group"
      aria-label={t("recorder")}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        cancel();
      }}
      {...slide.handlers}
    >
      <IconButton icon="trash" label={t("cancel")} onClick={cancel} />
      <div class={styles.middle} style={{ transform: `translateX(${-slide.distance}px)` }}>
        <Status recording={recording} far={slide.far} sliding={slide.distance > 0} />
      </div>
      <IconButton icon="send" variant="primary" label={t("send")} disabled={!isRecording} onClick={send} />
    </div>
  );
}

interface StatusProps {
  recording: Recording;
  sliding: boolean;
  far: boolean;
}

function Status({ recording, sliding, far }: StatusProps) {
  if (recording.state.value === "asking") return <p role="status">{t("asking")}</p>;
  if (recording.state.value === "full") return <p role="alert">{t("full")}</p>;
  const seconds = recording.seconds.value;
  const left = MAX_SECONDS - seconds;
  const hint = left <= WARN_SECONDS ? t("remaining", { time: clock(left) }) : t(far ? "release" : "slide");
  return (
    <>
      <span class={styles.lamp} aria-hidden="true" />
      <time class={styles.time} role="timer" aria-label={t("recording", { time: clock(seconds) })}>
        {clock(seconds)}
      </time>
      <Levels levels={recording.levels.value} />
      <span class={classes(styles.hint, (sliding || left <= WARN_SECONDS) && styles.shown)} aria-hidden="true">
        {hint}
      </span>
    </>
  );
}

function Levels({ levels }: { levels: readonly number[] }) {
  const now = levels.at(-1) ?? 0;
  const shown = [...Array.from({ length: BARS - levels.length }, () => 0), ...levels];
  return (
    <span
      class={styles.levels}
      role="meter"
      aria-label={t("level")}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(now * 100)}
    >
      {shown.map((level, index) => (
        <span key={index} class={styles.level} style={{ transform: `scaleY(${Math.max(0.06, level)})` }} />
      ))}
    </span>
  );
}

/** Drawing a finger to the left throws away, as on phones people know. A mouse has the button. */
function useSlide(onFar: () => void) {
  const start = useRef<number | null>(null);
  const distance = useSignal(0);
  const far = distance.value >= SLIDE_TO_CANCEL_PX;
  const end = () => {
    start.current = null;
    distance.value = 0;
  };
  return {
    distance: distance.value,
    far,
    handlers: {
      onPointerDown: (event: TargetedPointerEvent<HTMLElement>) => {
        const onButton = event.target instanceof Element && event.target.closest("button") !== null;
        if (event.pointerType === "mouse" || onButton) return;
        start.current = event.clientX;
        event.currentTarget.setPointerCapture(event.pointerId);
      },
      onPointerMove: (event: TargetedPointerEvent<HTMLElement>) => {
        if (start.current !== null) distance.value = Math.max(0, start.current - event.clientX);
      },
      onPointerUp: () => {
        const thrown = start.current !== null && far;
        end();
        if (thrown) onFar();
      },
      onPointerCancel: end,
    },
  };
}
