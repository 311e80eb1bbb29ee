import { useEffect, useState } from "preact/hooks";

/** Whole seconds left until a moment (milliseconds since the epoch), never below zero. */
export function secondsUntil(moment: number, now = Date.now()): number {
  return Math.max(0, Math.ceil((moment - now) / 1000));
}

/** `1:02:03`, or `2:03` within the hour: the same in every language. */
export function clock(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = String(seconds % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** Seconds left, counted down while the component is there; `null` stands for nothing to wait for. */
export function useCountdown(moment: number | null): number {
  const [now, setNow] = useState(Date.now);
  const left = moment === null ? 0 : secondsUntil(moment, now);
  const running = left > 0;

  useEffect(() => {
    if (moment === null) return;
    setNow(Date.now());
  }, [moment]);

  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);

  return left;
}
