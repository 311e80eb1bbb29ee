/** What a text may hold on its way out of this page. */

/**
 * Halves of a character that stand alone, as a clipboard or a keyboard leaves them that cut between the two, become
 * U+FFFD: they are no text, and a server refuses the whole of what holds one. (`toWellFormed`, which older browsers lack.)
 */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\uFFFD");
}

/** JSON for the wire, whose every text is one. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === "string" ? wellFormed(inner) : inner));
}

/** Without the empty lines around it; the blanks that indent a line, or end it, are somebody's. */
export function withoutBlankLines(text: string): string {
  const first = text.length - text.trimStart().length;
  if (first === text.length) return "";
  const end = text.indexOf("\n", text.trimEnd().length);
  return text.slice(text.lastIndexOf("\n", first) + 1, end < 0 ? text.length : end);
}

/** What somebody wrote, as it is sent. */
export function outgoingText(text: string): string {
  return wellFormed(withoutBlankLines(text));
}
