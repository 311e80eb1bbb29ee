/** A message as it is painted: its marks, addresses that are links, and names that are members'. Nothing becomes HTML. */
import { ADDRESS_START, addressAt, hrefOf } from "@/lib/addresses";
import { hasMarks, readMessage, type Block, type Inline } from "@/lib/markdown/small";

export type Piece =
  | { kind: "text" | "code"; text: string }
  | { kind: "link"; text: string; href: string }
  | { kind: "mention"; text: string; username: string }
  | { kind: "words"; href: string; children: Piece[] }
  | { kind: "strong" | "em" | "del"; children: Piece[] };

export type Painted =
  | { kind: "paragraph"; children: Piece[] }
  | { kind: "code"; text: string; language: string }
  | { kind: "quote"; children: Painted[] }
  | { kind: "list"; start: number | null; items: Painted[][] };

/** `usernames`: members that may be named, in lower case; any other @word is a word. */
export function paint(text: string, usernames: ReadonlySet<string> = new Set()): Painted[] {
  if (!hasMarks(text)) return [{ kind: "paragraph", children: plainWords(text, usernames) }];
  return readMessage(text).map((block) => paintBlock(block, usernames));
}

function paintBlock(block: Block, usernames: ReadonlySet<string>): Painted {
  switch (block.kind) {
    case "paragraph":
      return { kind: "paragraph", children: block.children.flatMap((piece) => paintInline(piece, usernames)) };
    case "quote":
      return { kind: "quote", children: block.children.map((one) => paintBlock(one, usernames)) };
    case "list":
      return { ...block, items: block.items.map((item) => item.map((one) => paintBlock(one, usernames))) };
    case "code":
      return block;
  }
}

function paintInline(piece: Inline, usernames: ReadonlySet<string>): Piece[] {
  switch (piece.kind) {
    case "text":
    case "code":
      return [{ kind: piece.kind, text: piece.text }];
    case "address":
      return rest(piece.text, link(piece.text));
    case "name":
      return rest(piece.text, mention(piece.text.slice(1), usernames));
    case "link":
      return [{ kind: "words", href: piece.href, children: piece.children.flatMap((one) => paintInline(one, usernames)) }];
    default:
      return [{ kind: piece.kind, children: piece.children.flatMap((one) => paintInline(one, usernames)) }];
  }
}

/** What was found of a text, and the words behind it. */
function rest(text: string, found: Found | null): Piece[] {
  if (found === null) return [{ kind: "text", text }];
  return found.length === text.length ? [found.piece] : [found.piece, { kind: "text", text: text.slice(found.length) }];
}

/** A name is what the server takes for one (`messenger/text.py`): before the @ stands nothing of an e-mail address. */
const PATTERN = new RegExp(`(?<address>${ADDRESS_START})|(?<![A-Za-z0-9._%+@-])@(?<name>[A-Za-z0-9_-]{3,50})`, "gi");

interface Found {
  piece: Piece;
  /** Characters of the text it takes. */
  length: number;
}

/** Most messages: no marks in them. */
function plainWords(text: string, usernames: ReadonlySet<string>): Piece[] {
  const pieces: Piece[] = [];
  const pattern = new RegExp(PATTERN);
  let from = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const name = match.groups?.name;
    const found = name === undefined ? link(addressAt(text.slice(match.index))) : mention(name, usernames);
    if (found === null) continue;
    if (match.index > from) pieces.push({ kind: "text", text: text.slice(from, match.index) });
    pieces.push(found.piece);
    from = match.index + found.length;
    pattern.lastIndex = from;
  }
  if (from < text.length) pieces.push({ kind: "text", text: text.slice(from) });
  return pieces;
}

function mention(name: string, usernames: ReadonlySet<string>): Found | null {
  // What cannot end a name belongs to the sentence.
  const username = [name, name.replace(/[-_]+$/, "")].find((one) => usernames.has(one.toLowerCase()));
  if (username === undefined) return null;
  return { piece: { kind: "mention", text: `@${username}`, username }, length: username.length + 1 };
}

function link(address: string): Found | null {
  if (!URL.canParse(hrefOf(address))) return null;
  const { href } = new URL(hrefOf(address));
  return { piece: { kind: "link", text: address, href }, length: address.length };
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
