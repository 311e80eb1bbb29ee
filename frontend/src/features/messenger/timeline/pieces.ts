/** Cuts the plain text of a message into words, links, mentions and code. Everything stays text: nothing is parsed as HTML. */

export type Piece =
  | { kind: "text"; text: string }
  | { kind: "link"; text: string; href: string }
  | { kind: "mention"; text: string; username: string }
  | { kind: "code"; text: string };

/** Code first, so that links and names inside it stay as written. */
const PATTERN = /(`[^`\n]+`)|(\bhttps?:\/\/[^\s<>"'`]+|\bwww\.[^\s<>"'`]+\.[^\s<>"'`]+)|((?<![\p{L}\p{N}_@./])@[\p{L}\p{N}_.-]+)/giu;

/** `usernames`: members that may be named; any other @word is a word. */
export function richText(text: string, usernames: ReadonlySet<string> = new Set()): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(PATTERN)) {
    const piece = pieceOf(match[0], usernames);
    if (piece === null) continue;
    if (match.index > from) pieces.push({ kind: "text", text: text.slice(from, match.index) });
    pieces.push(piece);
    from = match.index + (piece.kind === "code" ? match[0].length : piece.text.length);
  }
  if (from < text.length) pieces.push({ kind: "text", text: text.slice(from) });
  return pieces;
}

function pieceOf(found: string, usernames: ReadonlySet<string>): Piece | null {
  if (found.startsWith("`")) return { kind: "code", text: found.slice(1, -1) };
  if (found.startsWith("@")) return mention(found, usernames);
  return link(found);
}

function mention(found: string, usernames: ReadonlySet<string>): Piece | null {
  // A sentence may end right after a name.
  for (let name = found.slice(1); name !== ""; name = name.replace(/[.-]$/, "")) {
    if (usernames.has(name.toLowerCase())) return { kind: "mention", text: `@${name}`, username: name };
    if (!/[.-]$/.test(name)) return null;
  }
  return null;
}

function link(found: string): Piece | null {
  const text = withoutSentenceEnd(found);
  const address = /^https?:/i.test(text) ? text : `https://${text}`;
  try {
    return { kind: "link", text, href: new URL(address).href };
  } catch {
    return null;
  }
}

/** The point or bracket after an address belongs to the sentence, unless the bracket was opened in the address. */
function withoutSentenceEnd(address: string): string {
  let text = address;
  for (;;) {
    const last = text.at(-1) ?? "";
    const isPlainEnd = /[.,;:!?…»”*]/.test(last);
    const isOpenless = last === ")" && text.split("(").length < text.split(")").length;
    if (!isPlainEnd && !isOpenless) return text;
    text = text.slice(0, -1);
  }
}

/** Kept: making one takes long. */
let graphemes: Intl.Segmenter | undefined;

/** One to three emoji and nothing else: shown large. */
export function isBigEmoji(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > 40) return false;
  const parts = [...(graphemes ??= new Intl.Segmenter()).segment(trimmed.replace(/\s+/g, ""))].map(({ segment }) => segment);
  return parts.length <= 3 && parts.every((part) => /\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(part));
}
