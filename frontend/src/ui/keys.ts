/**
 * Whether a key belongs to a word that is being composed (an input method, a dead key). Safari ends the composition before
 * it tells of the Enter that ended it; the old key code 229 still says whose that Enter is.
 */
export function isComposing(event: KeyboardEvent): boolean {
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  return event.isComposing || event.keyCode === 229;
}

/** Enter that is meant for the page, and not for the word being composed. */
export function isEnter(event: KeyboardEvent): boolean {
  return event.key === "Enter" && !isComposing(event);
}

/** The key of shortcuts, as it is written on the keyboard. */
export const MODIFIER = /mac/i.test(navigator.userAgent) ? "⌘" : "Ctrl";
