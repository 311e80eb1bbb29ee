/** What the screen is like and how one points at it: the only place that asks the browser. */
import { useEffect, useState } from "preact/hooks";

/**
 * The widths at which layouts change, in pixels. Media queries cannot read variables, so style sheets write the numbers
 * (`@media (width >= 1024px)`); a test allows these and no others. A window lower than `phone` has a keyboard over it or
 * is enlarged: frames give way to what is read and written.
 */
export const BREAKPOINTS = {
  /** Below: what stands in a line elsewhere breaks into two. */
  phone: 480,
  /** From here: menus stand beside what they are about, not at the foot of the screen. */
  popover: 640,
  /** From here: wider margins, and a narrow list beside what was chosen from it. */
  tablet: 768,
  /** From here: the navigation at the side, and a broad list beside what was chosen from it. */
  desk: 1024,
  /** From here: the navigation with its words. */
  wide: 1280,
  /** From here: a third column beside these two. */
  panorama: 1536,
} as const;

export type Breakpoint = keyof typeof BREAKPOINTS;

/** For a moment, such as a press. What is drawn differently takes `useBreakpoint`, or better the style sheet. */
export function isAtLeast(breakpoint: Breakpoint): boolean {
  return atLeast(breakpoint).matches;
}

/** Whether the window is at least this wide, also after it changed. */
export function useBreakpoint(breakpoint: Breakpoint): boolean {
  const [matches, setMatches] = useState(() => isAtLeast(breakpoint));
  useEffect(() => {
    const query = atLeast(breakpoint);
    const update = () => setMatches(query.matches);
    update();
    query.addEventListener("change", update);
    return () => query.removeEventListener("change", update);
  }, [breakpoint]);
  return matches;
}

/** The keyboard is drawn on the screen: it covers half of it, and has no Shift+Enter. */
export function isTouch(): boolean {
  return window.matchMedia("(pointer: coarse)").matches;
}

/** One points with a mouse or a pen. */
export function hasFinePointer(): boolean {
  return window.matchMedia("(pointer: fine)").matches;
}

/** There is a mouse, so a field may take the focus by itself: no keyboard comes up with it. */
export function canHover(): boolean {
  return window.matchMedia("(hover: hover)").matches;
}

/** Somebody asked the system for less motion. */
export function prefersStill(): boolean {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function atLeast(breakpoint: Breakpoint): MediaQueryList {
  return window.matchMedia(`(width >= ${BREAKPOINTS[breakpoint]}px)`);
}
