/**
 * The smaller dialect, of messages between people: bold, italic, struck out, code, listings, lists, quotes and links. What
 * people write is words first: there are no headings, rules, tables, pictures, HTML or escapes, and what is no mark of
 * these stands letter by letter as it was typed, blank lines too. Answers are pieces to draw; no HTML comes into being.
 *
 * Addresses and names are found as the server finds them (`lib/addresses`, `messenger/text.py`).
 */
import { Lexer, Marked, type Token, type TokenizerObject, type Tokens } from "marked";

import { addressAt, hrefOf } from "../addresses";
import { inDialect, tokenizer as dialect } from "./dialect";

export type Inline =
  | { kind: "text" | "code" | "address"; text: string }
  /** Something behind an @; whether anybody has that name is not known here. */
  | { kind: "name"; text: string }
  | { kind: "strong" | "em" | "del"; children: Inline[] }
  | { kind: "link"; href: string; children: Inline[] };

export type Block =
  | { kind: "paragraph"; children: Inline[] }
  | { kind: "code"; text: string; language: string }
  | { kind: "quote"; children: Block[] }
  | { kind: "list"; start: number | null; items: Block[][] };

/** Without one of these a text is a paragraph of words. */
const MARKS = /[*_`[]|~~|^[ \t]*(?:>|[-+][ \t]|\d{1,9}\.[ \t]|~~~)/m;

/** Whether a text may hold anything but words, addresses and names. */
export function hasMarks(text: string): boolean {
  return MARKS.test(text);
}

/** Quotes of quotes of lists that nobody means, and no stack holds. */
const TOO_DEEP = /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}\.(?=[ \t]))){9}/;

/** No such token; the text goes on. */
const none = (): undefined => undefined;

const small: TokenizerObject = {
  ...(dialect.fences !== undefined && { fences: dialect.fences }),
  heading: none,
  lheading: none,
  hr: none,
  table: none,
  html: none,
  tag: none,
  def: none,
  reflink: none,
  code: none,
  escape: none,
  autolink: none,
  url: none,
  emStrong(source, _, before) {
    // 2*3*4, and names of files: a star within a word is a star. Languages without blanks between words have no such.
    return before === "\\" || (/^[*_](?![*_])/.test(source) && /[A-Za-z0-9]/.test(before ?? "")) ? undefined : false;
  },
  list(source) {
    // Only what is drawn as it is written.
    return /^ {0,3}(?:[-*+]|\d{1,9}\.)[ \t]+\S/.test(source) && !TOO_DEEP.test(source) ? false : undefined;
  },
  blockquote: (source) => (TOO_DEEP.test(source) ? undefined : false),
  link(source) {
    return source.startsWith("!") ? undefined : false;
  },
};

interface Found extends Tokens.Generic {
  type: "address" | "name";
}

const marked = new Marked({ gfm: true, breaks: true, async: false });
marked.use({
  tokenizer: small,
  extensions: [
    {
      name: "address",
      level: "inline",
      start: (source) => /https?:\/\/|www\.|@\w/i.exec(source)?.index,
      tokenizer(source, before): Found | undefined {
        const last = before.at(-1)?.raw.at(-1) ?? "";
        const [raw] = /^@[A-Za-z0-9_-]{3,50}/.exec(source) ?? [];
        if (raw !== undefined) return /[A-Za-z0-9._%+@-]/.test(last) ? undefined : { type: "name", raw };
        const inWord = source[0]?.toLowerCase() === "h" ? /[A-Za-z0-9]/ : /[A-Za-z0-9@._/-]/;
        if (!/^(?:https?:\/\/|www\.)/i.test(source) || inWord.test(last)) return undefined;
        const address = addressAt(source);
        return address === "" ? undefined : { type: "address", raw: address };
      },
    },
  ],
  hooks: {
    // A star within an address or a name closes nothing.
    emStrongMask: (source) =>
      source.replace(/(?:https?:\/\/|www\.|@)[^\s<>"`|]+/gi, (found) => {
        const kept = found.startsWith("@") ? (/^@[A-Za-z0-9_-]{3,50}/.exec(found)?.[0] ?? "") : addressAt(found);
        return "a".repeat(kept.length) + found.slice(kept.length);
      }),
  },
});

/** A text as it is drawn. */
export function readMessage(text: string): Block[] {
  if (!hasMarks(text)) return [{ kind: "paragraph", children: [{ kind: "text", text }] }];
  const lexer = inDialect(new Lexer(marked.defaults));
  return blocks(lexer.lex(text.replace(/\r\n?/g, "\n")));
}

/** A text in words alone, for where there is one line. */
export function plainText(text: string): string {
  return hasMarks(text) ? readMessage(text).map(wordsOf).join("\n") : text;
}

function wordsOf(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return block.children.map(inlineWords).join("");
    case "code":
      return block.text;
    case "quote":
      return block.children.map(wordsOf).join("\n");
    case "list":
      return block.items
        .map((item, index) => `${block.start === null ? "•" : `${block.start + index}.`} ${item.map(wordsOf).join("\n")}`)
        .join("\n");
  }
}

function inlineWords(piece: Inline): string {
  return "children" in piece ? piece.children.map(inlineWords).join("") : piece.text;
}

/** Neighbouring paragraphs are one, with the lines between them as they were typed. */
function blocks(tokens: readonly Token[]): Block[] {
  const found: Block[] = [];
  let words: Inline[] = [];
  const close = () => {
    const children = trimmed(words);
    if (children.length > 0) found.push({ kind: "paragraph", children });
    words = [];
  };
  for (const token of tokens) {
    const block = blockOf(token);
    if (block === null) {
      words.push(...wordsAndBreaks(token));
      continue;
    }
    close();
    found.push(block);
  }
  close();
  return found;
}

function blockOf(token: Token): Block | null {
  switch (token.type) {
    case "code":
      return { kind: "code", text: (token as Tokens.Code).text, language: (token as Tokens.Code).lang ?? "" };
    case "blockquote":
      return { kind: "quote", children: blocks((token as Tokens.Blockquote).tokens) };
    case "list": {
      const list = token as Tokens.List;
      const start = list.ordered ? Number(list.start) : null;
      return { kind: "list", start, items: list.items.map((item) => blocks(item.tokens)) };
    }
    default:
      return null;
  }
}

function wordsAndBreaks(token: Token): Inline[] {
  if (token.type === "space") return [{ kind: "text", text: token.raw }];
  const after = /\n*$/.exec(token.raw)?.[0] ?? "";
  const words = "tokens" in token ? inlines(token.tokens ?? []) : [asText(token.raw.trimEnd())];
  return after === "" ? words : [...words, asText(after)];
}

function asText(text: string): Inline {
  return { kind: "text", text };
}

/** Without the empty lines at both ends, which belong to the blocks around. */
function trimmed(words: Inline[]): Inline[] {
  const kept = [...words];
  const last = kept.at(-1);
  if (last?.kind === "text") kept[kept.length - 1] = asText(last.text.replace(/\n+$/, ""));
  const [first] = kept;
  if (first?.kind === "text") kept[0] = asText(first.text.replace(/^\n+/, ""));
  return kept.filter((piece) => piece.kind !== "text" || piece.text !== "");
}

function inlines(tokens: readonly Token[]): Inline[] {
  return tokens.flatMap((token): Inline[] => {
    switch (token.type) {
      case "strong":
      case "em":
      case "del":
        return [{ kind: token.type, children: inlines(token.tokens ?? []) }];
      case "codespan":
        return [{ kind: "code", text: (token as Tokens.Codespan).text }];
      case "br":
        return [asText(token.raw)];
      case "address":
      case "name":
        return [{ kind: token.type, text: token.raw }];
      case "link":
        return [linkOf(token as Tokens.Link)];
      default:
        return "tokens" in token ? inlines(token.tokens ?? []) : [asText(token.raw)];
    }
  });
}

/** Words that lead elsewhere than they say are shown as they were typed. */
function linkOf({ raw, href, text, tokens }: Tokens.Link): Inline {
  const address = addressAt(href);
  const saysOther = /https?:\/\/|www\.|^[\w-]+(?:\.[\w-]+)+(?:\/|$)/i.test(text) && hrefOf(text) !== hrefOf(href);
  if (address !== href || !/^https?:/i.test(href) || !URL.canParse(href) || saysOther) return asText(raw);
  return { kind: "link", href: new URL(href).href, children: inlines(tokens) };
}
