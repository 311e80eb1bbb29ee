export const COMPOSER_ID = "message-composer";

/** One field at a time is on the screen; it is found by its id wherever something gives the focus back to it. */
export function focusComposer(): void {
  document.getElementById(COMPOSER_ID)?.focus();
}

/** Where the keyboard is drawn on the screen, Enter begins a new line. */
export function isTouch(): boolean {
  return window.matchMedia("(pointer: coarse)").matches;
}
