/** On touch screens: a long press opens the menu, a swipe to the left answers. */
import type { RefObject } from "preact";
import { useRef } from "preact/hooks";

const PRESS_MS = 450;
/** Less is a trembling finger. */
const START_PX = 12;
const ENOUGH_PX = 56;
const MAX_PX = 84;

interface Options {
  onPress: () => void;
  /** Null: cannot be answered. */
  onSwipe: (() => void) | null;
  element: RefObject<HTMLElement | null>;
}

interface Gesture {
  x: number;
  y: number;
  timer: ReturnType<typeof setTimeout>;
  /** Undecided until the finger has gone far enough one way. */
  direction: "none" | "sideways" | "other";
  shift: number;
}

export function usePressAndSwipe({ onPress, onSwipe, element }: Options) {
  const gesture = useRef<Gesture | null>(null);
  const pressed = useRef(false);

  const move = (shift: number) => {
    if (element.current !== null) element.current.style.transform = shift === 0 ? "" : `translateX(${shift}px)`;
  };
  const end = () => {
    const current = gesture.current;
    if (current === null) return;
    clearTimeout(current.timer);
    gesture.current = null;
    move(0);
    if (current.direction === "sideways" && current.shift <= -ENOUGH_PX) onSwipe?.();
  };
  return {
    onTouchStart: (event: TouchEvent) => {
      const touch = event.touches[0];
      if (touch === undefined || event.touches.length > 1) return;
      const timer = setTimeout(() => {
        gesture.current = null;
        pressed.current = true;
        onPress();
      }, PRESS_MS);
      pressed.current = false;
      gesture.current = { x: touch.clientX, y: touch.clientY, timer, direction: "none", shift: 0 };
    },
    onTouchMove: (event: TouchEvent) => {
      const current = gesture.current;
      const touch = event.touches[0];
      if (current === null || touch === undefined) return;
      const across = touch.clientX - current.x;
      const along = touch.clientY - current.y;
      if (current.direction === "none") {
        if (Math.max(Math.abs(across), Math.abs(along)) < START_PX) return;
        clearTimeout(current.timer);
        current.direction = isSwipe(across, along) && onSwipe !== null ? "sideways" : "other";
      }
      if (current.direction !== "sideways") return;
      current.shift = Math.max(-MAX_PX, Math.min(0, across));
      move(current.shift);
    },
    onTouchEnd: (event: TouchEvent) => {
      // Without this the end of a long press would also press what is under the finger.
      if (pressed.current && event.cancelable) event.preventDefault();
      pressed.current = false;
      end();
    },
    onTouchCancel: () => {
      if (gesture.current !== null) gesture.current.direction = "other";
      end();
    },
  };
}

/** To the left, and clearly more across than along. */
export function isSwipe(across: number, along: number): boolean {
  return across < 0 && Math.abs(across) > 2 * Math.abs(along);
}
