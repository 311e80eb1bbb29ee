/** Where the letter of CommonMark and GFM does not fit what models write, or how languages are written. */
import { Lexer, Tokenizer, type TokenizerObject, type Tokens } from "marked";

import { addressAt, hrefOf } from "../addresses";

/**
 * Emphasis beside letters of languages without blanks, by the CJK-friendly amendment of CommonMark
 * (https://github.com/tats-u/markdown-cjk-friendly): their punctuation is like a letter, and each of their characters is
 * like a blank to whatever stands on the other side of the stars. `**「重要」**です` is emphasis.
 */
const CJK =
  "[\\u2e80-\\u2fff\\u3001-\\u303f\\u3041-\\u33ff\\u3400-\\u4dbf\\u4e00-\\ua4cf\\ua960-\\ua97f\\uac00-\\ud7ff\\uf900-\\ufaff\\ufe30-\\ufe4f\\uff01-\\uffee\\u{20000}-\\u{3ffff}]";
const PUNCTUATION = `(?!~|${CJK})[\\p{P}\\p{S}]`;
const OTHER = `(?:[^\\s\\p{P}\\p{S}]|~|${CJK})`;

/** The six ways stars may stand, in the groups the lexer reads: 1 and 2 close, 3 and 4 open, 5 and 6 do both. */
const STARS = [
  "^[^_*]*?__[^_*]*?\\*[^_*]*?(?=__)",
  "[^*]+(?=[^*])",
  `(?!\\*)${PUNCTUATION}(\\*+)(?=\\s|$)`,
  `(?:${OTHER}(?=\\*+(?:\\s|$))|(?!${CJK})${OTHER})(\\*+)(?!\\*)(?=\\s|${PUNCTUATION}|$)`,
  `(?:\\s|(?!\\*)${PUNCTUATION}(?!\\*+${CJK}))(\\*+)(?=${OTHER})`,
  `\\s(\\*+)(?!\\*)(?=${PUNCTUATION})`,
  `(?!\\*)${PUNCTUATION}(\\*+)(?!\\*)(?=${PUNCTUATION}|${CJK})`,
  `(?:${OTHER}(?=\\*+${OTHER})|${CJK})(\\*+)(?!\\*)(?=${OTHER}|${PUNCTUATION})`,
].join("|");

const EMPHASIS = {
  emStrongLDelim: new RegExp(
    `^(?:\\*+(?:((?!\\*)${PUNCTUATION})|([^\\s*]))?)|^_+(?:((?!_)${PUNCTUATION})|([^\\s_]))?`,
    "u",
  ),
  emStrongRDelimAst: new RegExp(STARS, "gu"),
  punctuation: new RegExp(`^((?![*_])(?:[\\s\\p{P}\\p{S}]|${CJK}))`, "u"),
};

/** Two tildes strike out. One is a range, an approximation or a home directory: `5~7 cups`. */
const STRIKE = { delLDelim: /^~~(?!~)(?:((?!~)[\p{P}\p{S}])|[^\s~])/u };

/** A lexer of this dialect, for one text. */
export function inDialect(lexer: Lexer): Lexer {
  const { tokenizer } = lexer as unknown as { tokenizer: Tokenizer };
  const { rules } = tokenizer;
  tokenizer.rules = { ...rules, inline: { ...rules.inline, ...EMPHASIS, ...STRIKE } };
  return lexer;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([^\n]*)(?:\n|$)/;

export const tokenizer: TokenizerObject = {
  /** Addresses end where they end in messages. */
  url(source): Tokens.Link | false | undefined {
    if (!/^(?:https?:\/\/|www\.)/i.test(source)) return false;
    const address = addressAt(source);
    if (address === "") return undefined;
    const words = { type: "text" as const, raw: address, text: address };
    return { type: "link", raw: address, text: address, href: hrefOf(address), title: null, autolink: true, tokens: [words] };
  },

  /**
   * A listing of Markdown that holds listings. By the letter the first closing fence ends both; models mean the inner
   * one, which said its language when it began.
   */
  fences(source): Tokens.Code | false {
    const [first = "", fence = "", info = ""] = FENCE.exec(source) ?? [];
    if (!/^(?:markdown|md|mdx)\b/i.test(info)) return false;
    let end = first.length;
    const open = [fence];
    while (end < source.length) {
      const [line = ""] = /^[^\n]*(?:\n|$)/.exec(source.slice(end)) ?? [];
      const [, mark = "", rest = ""] = FENCE.exec(line) ?? [];
      const last = open.at(-1) ?? "";
      if (mark !== "" && rest.trim() !== "" && !rest.includes("`")) open.push(mark);
      else if (mark !== "" && rest.trim() === "" && mark.startsWith(last)) open.pop();
      if (open.length === 0) {
        const raw = source.slice(0, end + line.replace(/\n$/, "").length);
        return { type: "code", raw, lang: info.trim(), text: source.slice(first.length, end).replace(/\n$/, "") };
      }
      end += line.length;
    }
    return { type: "code", raw: source, lang: info.trim(), text: source.slice(first.length).replace(/\n$/, "") };
  },
};
