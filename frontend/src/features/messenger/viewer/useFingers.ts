import type { TargetedPointerEvent } from "preact";
import { useRef } from "preact/hooks";

import type { Zoom } from "./useZoom";
import type { Point } from "./zoom";

const SWIPE_PX = 64;

/** Two fingers pinch, one pans what is large, and draws what is whole aside: that is a step. Answers the listeners. */
export function useFingers({ zoom, pan, fromMiddle, place }: Zoom, onStep: (step: number) => void) {
  const fingers = useRef(new Map<number, Point>());
  const drawn = useRef(0);
  const isLarge = place.value.scale > 1;

  const onPointerDown = (event: TargetedPointerEvent<HTMLElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    fingers.current.set(event.pointerId, fromMiddle(event));
  };
  const onPointerMove = (event: TargetedPointerEvent<HTMLElement>) => {
    const before = fingers.current.get(event.pointerId);
    if (before === undefined) return;
    const now = fromMiddle(event);
    const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1];
    fingers.current.set(event.pointerId, now);
    if (other !== undefined) {
      const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
      zoom(distance(now, other) / Math.max(1, distance(before, other)), middle);
    } else if (isLarge) {
      pan({ x: now.x - before.x, y: now.y - before.y });
    } else {
      drawn.current += now.x - before.x;
    }
  };
  const onPointerEnd = (event: TargetedPointerEvent<HTMLElement>) => {
    fingers.current.delete(event.pointerId);
    if (fingers.current.size > 0) return;
    if (!isLarge && Math.abs(drawn.current) > SWIPE_PX) onStep(drawn.current > 0 ? -1 : 1);
    drawn.current = 0;
  };
  return { onPointerDown, onPointerMove, onPointerUp: onPointerEnd, onPointerCancel: onPointerEnd };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
