/** Arrows, Home and End move along the rows (buttons and links) of a list. Answers whether the key was one of these. */
export function moveInList(event: KeyboardEvent, list: HTMLElement | null): boolean {
  const rows = [...(list?.querySelectorAll<HTMLElement>("li button:not(:disabled), li a[href]") ?? [])];
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
