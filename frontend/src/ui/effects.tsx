/** The look that moves. All of it is decoration: hidden from screen readers, and still under reduced motion. */
import { useEffect, useRef } from "preact/hooks";

import "./effects.css";

import { classes } from "./classes";

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

const TEXT_CONTROLS = "input, textarea, select, [contenteditable]";

/**
 * A large inverted cross that follows a mouse or pen. The system's own pointer stays visible in its middle, so the caret
 * over text and the hand over links keep their meaning; over a field the cross steps aside.
 */
export function CrosshairCursor() {
  const cross = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!window.matchMedia("(pointer: fine) and (prefers-reduced-motion: no-preference)").matches) return;
    const follow = (event: PointerEvent) => {
      const element = cross.current;
      if (!element) return;
      const overText = event.target instanceof Element && event.target.closest(TEXT_CONTROLS) !== null;
      element.hidden = event.pointerType === "touch" || overText;
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
    };
  }, []);

  return <div ref={cross} class="fx-cross" aria-hidden="true" hidden />;
}
