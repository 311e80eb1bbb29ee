interface Parts {
  field: HTMLElement | null;
  list: HTMLElement | null;
}

/**
 * Up, Down, Home and End go along the rows; Right and Left to the small buttons of a row and back. Up from the first row
 * leads to the field, Down from the field to the first row. Answers whether the key was one of these.
 */
export function moveInRows(event: KeyboardEvent, { field, list }: Parts): boolean {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return false;
  const target = nextStop(event.key, { field, list });
  if (target === null) return false;
  event.preventDefault();
  target.focus();
  target.scrollIntoView({ block: "nearest" });
  return true;
}

/** Whether a key writes a letter: on a row it goes on in the field. */
export function typesText({ key, altKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return key.length === 1 && key !== " " && !altKey && !ctrlKey && !metaKey;
}

function nextStop(key: string, { field, list }: Parts): HTMLElement | null {
  const rows = [...(list?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
  const { activeElement } = document;
  const line = activeElement?.closest("li, section");
  const index = rows.findIndex((row) => row === activeElement || (line instanceof HTMLLIElement && line.contains(row)));
  // In the field Home, End and the arrows to the sides belong to what is written there.
  const isInField = activeElement === field;
  switch (key) {
    case "ArrowDown":
      return rows[Math.min(index + 1, rows.length - 1)] ?? null;
    case "ArrowUp":
      return index > 0 ? (rows[index - 1] ?? null) : isInField ? null : field;
    case "Home":
      return isInField && isWritten(field) ? null : (rows[0] ?? null);
    case "End":
      return isInField && isWritten(field) ? null : (rows.at(-1) ?? null);
    case "ArrowRight":
    case "ArrowLeft":
      return isInField || index < 0 ? null : beside(activeElement, line, key === "ArrowRight" ? 1 : -1);
    default:
      return null;
  }
}

function isWritten(field: HTMLElement | null): boolean {
  return field instanceof HTMLInputElement && field.value !== "";
}

function beside(from: Element | null, line: Element | null | undefined, step: 1 | -1): HTMLElement | null {
  const stops = [...(line?.querySelectorAll<HTMLElement>("button, a[href]") ?? [])];
  return stops[stops.findIndex((stop) => stop === from) + step] ?? null;
}
