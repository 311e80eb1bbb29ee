/** What is being written before the cursor, when it is the beginning of a name or of an emoji's. */
export interface Token {
  kind: "person" | "emoji";
  /** Behind the @ or the colon. */
  query: string;
  /** Where the @ or the colon stands. */
  start: number;
}

/** Before an @ stands nothing of an e-mail address (as `messenger/text.py` has it); any letters, for display names. */
const PERSON = /(?<![\p{L}\p{N}._%+@-])@(?<query>[\p{L}\p{M}\p{N}_-]{0,50})$/u;
/** Two letters at least: ":)" and "10:30" are none. */
const EMOJI = /(?<![\p{L}\p{N}:])(?::)(?<query>[\p{L}\p{M}_+][\p{L}\p{M}\p{N}_+-]{1,40})$/u;
/** A whole short name, whose last colon was just typed. */
const WHOLE = /(?<![\p{L}\p{N}:]):(?<name>[a-z0-9_+-]{2,40}):$/u;

export function tokenAt(text: string, caret: number): Token | null {
  const before = text.slice(0, caret);
  for (const [kind, pattern] of [["person", PERSON], ["emoji", EMOJI]] as const) {
    const found = pattern.exec(before);
    if (found) return { kind, query: found.groups?.query ?? "", start: found.index };
  }
  return null;
}

/** `:name:` that ends at the cursor. */
export function wholeNameAt(text: string, caret: number): { name: string; start: number } | null {
  const found = WHOLE.exec(text.slice(0, caret));
  return found ? { name: found.groups?.name ?? "", start: found.index } : null;
}
