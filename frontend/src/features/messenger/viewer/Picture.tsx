import { useSignal } from "@preact/signals";
import type { TargetedPointerEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { classes, IconButton } from "@/ui";

import styles from "./viewer.module.css";
import { t } from "./words";
import { keepInside, WHOLE, zoomAt } from "./zoom";
import type { Place } from "./zoom";

interface PictureProps {
  url: string;
  label: string;
  /** Drawn to the left or right while the whole picture is seen. */
  onStep: (step: number) => void;
  onError: () => void;
}

const STEP = 1.6;
const DOUBLE = 2.5;
const SWIPE_PX = 64;
const WHEEL = 0.0015;

interface Point {
  x: number;
  y: number;
}

/** A photo to look at closely: wheel, double press, pinch, keys and buttons zoom; a drag pans, or steps when it is whole. */
export function Picture({ url, label, onStep, onError }: PictureProps) {
  const room = useRef<HTMLDivElement>(null);
  const image = useRef<HTMLImageElement>(null);
  const place = useSignal<Place>(WHOLE);
  const fingers = useRef(new Map<number, Point>());
  const drawn = useRef(0);
  const isLarge = place.value.scale > 1;

  const set = (next: Place) => {
    const picture = image.current;
    const around = room.current;
    if (picture === null || around === null) return;
    const size = { width: picture.offsetWidth, height: picture.offsetHeight };
    place.value = keepInside(next, size, { width: around.clientWidth, height: around.clientHeight });
  };
  const fromMiddle = (point: { clientX: number; clientY: number }): Point => {
    const box = room.current?.getBoundingClientRect();
    if (box === undefined) return { x: 0, y: 0 };
    return { x: point.clientX - box.left - box.width / 2, y: point.clientY - box.top - box.height / 2 };
  };
  const zoom = (factor: number, point: Point = { x: 0, y: 0 }) => set(zoomAt(place.value, factor, point));

  // Preact would listen passively, and the page behind must not scroll.
  useEffect(() => {
    const around = room.current;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY * WHEEL), fromMiddle(event));
    };
    around?.addEventListener("wheel", onWheel, { passive: false });
    return () => around?.removeEventListener("wheel", onWheel);
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey) return;
      if (event.key === "+" || event.key === "=") zoom(STEP);
      else if (event.key === "-") zoom(1 / STEP);
      else if (event.key === "0") place.value = WHOLE;
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });

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
      set({ ...place.value, x: place.value.x + now.x - before.x, y: place.value.y + now.y - before.y });
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
  const { scale, x, y } = place.value;

  return (
    <>
      <div
        ref={room}
        class={classes(styles.stage, styles.grab, isLarge && styles.large)}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          fingers.current.set(event.pointerId, fromMiddle(event));
        }}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerEnd}
        onPointerCancel={onPointerEnd}
        onDblClick={(event) => {
          if (isLarge) place.value = WHOLE;
          else zoom(DOUBLE, fromMiddle(event));
        }}
      >
        <img
          ref={image}
          class={styles.image}
          src={url}
          alt={label}
          draggable={false}
          style={{ transform: `translate(${x}px, ${y}px) scale(${scale})` }}
          onError={onError}
        />
      </div>
      <div class={styles.zoom}>
        <IconButton icon="minus" variant="framed" label={t("zoomOut")} disabled={!isLarge} onClick={() => zoom(1 / STEP)} />
        <IconButton icon="plus" variant="framed" label={t("zoomIn")} onClick={() => zoom(STEP)} />
      </div>
    </>
  );
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
