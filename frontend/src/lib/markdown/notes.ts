/**
 * Footnotes. The number stands raised, in the text and before its note; there are no links between the two, since ids of
 * answers would shadow those of the page. Only numbers: `[^a-z]` is an expression somebody speaks of.
 */
import type { MarkedExtension } from "marked";

const NOTE = /^ {0,3}\[\^(\d{1,3})\]:[ \t]+([^\n]+(?:\n(?![ \t]*\n| {0,3}\[\^)[^\n]+)*)(?:\n+|$)/;

export const notes: MarkedExtension = {
  extensions: [
    {
      name: "note",
      level: "block",
      start: (source) => /\n {0,3}\[\^\d/.exec(source)?.index,
      tokenizer(source) {
        const [raw, number, text] = NOTE.exec(source) ?? [];
        if (raw === undefined || number === undefined || text === undefined) return undefined;
        return { type: "note", raw, number, tokens: this.lexer.inlineTokens(text) };
      },
      renderer(token) {
        return `<p><sup>${String(token.number)}</sup> ${this.parser.parseInline(token.tokens ?? [])}</p>`;
      },
    },
    {
      name: "noteMark",
      level: "inline",
      start: (source) => /\[\^\d/.exec(source)?.index,
      tokenizer(source) {
        const [raw, number] = /^\[\^(\d{1,3})\](?![(:[])/.exec(source) ?? [];
        return raw === undefined ? undefined : { type: "noteMark", raw, number };
      },
      renderer: (token) => `<sup>${String(token.number)}</sup>`,
    },
  ],
};
