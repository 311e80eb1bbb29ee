import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/**
 * From 0 to 1 in `seconds`, standing still while `running` is false; then `onEnd`. A null length waits for the caller's
 * own clock (a video's).
 */
export function useProgress(seconds: number | null, running: boolean, onEnd: () => void) {
  const share = useSignal(0);
  const end = useRef(onEnd);
  end.current = onEnd;

  useEffect(() => {
    if (!running || seconds === null) return;
    let frame = 0;
    let last = performance.now();
    const draw = (now: number) => {
      share.value = Math.min(1, share.value + Math.max(0, now - last) / (seconds * 1000));
      last = now;
      if (share.value >= 1) end.current();
      else frame = requestAnimationFrame(draw);
    };
    frame = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(frame);
  }, [share, seconds, running]);

  return share;
}
