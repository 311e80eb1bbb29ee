/** The look that moves. All of it is decoration: hidden from screen readers, and still under reduced motion. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import "./effects.css";

import { classes } from "./classes";
import { hasFinePointer, prefersStill } from "./screen";

const REPEATS = 8;

/** A band of words that runs along, tilted by 20 degrees; the parent gives it room and cuts it off. */
export function Marquee({ text }: { text: string }) {
  return (
    <div class="fx-marquee" aria-hidden="true">
      <div class="fx-band">
        {/* Each part moves by its own width; the middle of three is followed by its like, so there is no seam. */}
        {[0, 1, 2].map((part) => (
          <span key={part} class="fx-part">
            {`${text} `.repeat(REPEATS)}
          </span>
        ))}
      </div>
    </div>
  );
}

export function GlitchText({ text, calm = false }: { text: string; calm?: boolean }) {
  return (
    <span class={classes("fx-glitch", calm && "fx-calm")} data-text={text}>
      {text}
    </span>
  );
}

/** The lines and the flicker of an old screen over the whole window. */
export function Scanlines() {
  return <div class="fx-scanlines" aria-hidden="true" />;
}

const CROSSHAIR_KEY = "kintsugi.crosshair";

/** Whether this browser shows the cross; it does until somebody says otherwise. */
export const crosshair = signal(localStorage.getItem(CROSSHAIR_KEY) !== "off");

export function setCrosshair(shown: boolean): void {
  crosshair.value = shown;
  localStorage.setItem(CROSSHAIR_KEY, shown ? "on" : "off");
}

/** What one reads, presses or writes in. */
const NOT_BARE =
  "a, button, label, summary, input, textarea, select, [contenteditable], dialog, [popover], p, li, td, th, h1, h2, h3, h4, pre, img, video";

/** Nothing is said or done there. */
function isBare(target: EventTarget | null): boolean {
  if (!(target instanceof Element) || target.closest(NOT_BARE) !== null) return false;
  return Array.from(target.childNodes).every(({ nodeType, nodeValue }) => nodeType !== Node.TEXT_NODE || !nodeValue?.trim());
}

/**
 * An inverted cross that follows a mouse or pen over bare ground, with the system's own pointer in its middle. Over words
 * and controls it steps aside.
 */
export function CrosshairCursor() {
  const cross = useRef<HTMLDivElement>(null);
  const isWanted = crosshair.value;

  useEffect(() => {
    if (!isWanted || !hasFinePointer() || prefersStill()) return;
    const follow = (event: PointerEvent) => {
      const element = cross.current;
      if (!element) return;
      element.hidden = event.pointerType === "touch" || !isBare(event.target);
      element.style.transform = `translate(${event.clientX}px, ${event.clientY}px)`;
    };
    const hide = () => {
      if (cross.current) cross.current.hidden = true;
    };
    window.addEventListener("pointermove", follow, { passive: true });
    document.documentElement.addEventListener("pointerleave", hide);
    return () => {
      window.removeEventListener("pointermove", follow);
      document.documentElement.removeEventListener("pointerleave", hide);
      hide();
    };
  }, [isWanted]);

  return <div ref={cross} class="fx-cross" aria-hidden="true" hidden />;
}
