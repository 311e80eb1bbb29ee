import { useEffect, useRef, useState } from "preact/hooks";

/**
 * For a key that may be pressed before what it takes is there: `press` acts at once when it `isReady`, else as soon as
 * it is, unless `forget` comes before.
 */
export function useWhenReady(isReady: boolean, act: () => void): { press: () => void; forget: () => void } {
  const [isPressed, setPressed] = useState(false);
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    if (!isPressed || !isReady) return;
    setPressed(false);
    latest.current();
  }, [isPressed, isReady]);
  return { press: () => (isReady ? act() : setPressed(true)), forget: () => setPressed(false) };
}
