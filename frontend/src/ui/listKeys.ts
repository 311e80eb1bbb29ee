const ROWS = "li button:not(:disabled), li a[href]";

/**
 * Arrows, Home and End move along the rows of a list: its buttons and links, or what `selector` names. Answers whether the
 * key was one of these.
 */
export function moveInList(event: KeyboardEvent, list: HTMLElement | null, selector = ROWS): boolean {
  // A menu within a row has its own arrows.
  if (event.defaultPrevented) return false;
  const rows = [...(list?.querySelectorAll<HTMLElement>(selector) ?? [])];
  const now = rows.findIndex((row) => row === document.activeElement);
  const step: Partial<Record<string, number>> = {
    ArrowDown: now + 1,
    ArrowUp: Math.max(0, now - 1),
    ...(now >= 0 && { Home: 0, End: rows.length - 1 }),
  };
  const next = step[event.key];
  if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return false;
  event.preventDefault();
  rows[Math.min(next, rows.length - 1)]?.focus();
  return true;
}
