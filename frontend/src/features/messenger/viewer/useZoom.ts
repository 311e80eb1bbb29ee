import { useSignal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { keepInside, WHOLE, zoomAt } from "./zoom";
import type { Place, Point } from "./zoom";

/** How much closer a press on a button or a key brings it. */
const STEP = 1.6;
const WHEEL = 0.0015;

export interface Zoom {
  /** Through which the picture is seen. */
  room: RefObject<HTMLDivElement | null>;
  image: RefObject<HTMLImageElement | null>;
  place: ReadonlySignal<Place>;
  /** By a factor, towards a point. */
  zoom: (factor: number, point?: Point) => void;
  closer: () => void;
  farther: () => void;
  whole: () => void;
  pan: (by: Point) => void;
  /** Where something happened, from the middle of the room. */
  fromMiddle: (event: { clientX: number; clientY: number }) => Point;
}

/** How large a picture is drawn and where; the wheel and the keys change it, whoever else by what this answers. */
export function useZoom(): Zoom {
  const room = useRef<HTMLDivElement>(null);
  const image = useRef<HTMLImageElement>(null);
  const place = useSignal<Place>(WHOLE);

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
  const closer = () => zoom(STEP);
  const farther = () => zoom(1 / STEP);
  const whole = () => {
    place.value = WHOLE;
  };
  const pan = (by: Point) => set({ ...place.value, x: place.value.x + by.x, y: place.value.y + by.y });

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
      if (event.key === "+" || event.key === "=") closer();
      else if (event.key === "-") farther();
      else if (event.key === "0") whole();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });

  return { room, image, place, zoom, closer, farther, whole, pan, fromMiddle };
}
