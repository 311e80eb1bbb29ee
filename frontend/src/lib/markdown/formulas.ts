/**
 * Formulas in TeX: where they begin and end in Markdown, and the page's own drawing of them.
 *
 * Until the converter is here, and where it refuses, a formula stands as it was written: `$a^2$` and not `a^2`.
 */
import type { MarkedExtension, Tokens } from "marked";

/** Longer ones are no formulas anybody reads, and take their time. */
const LONGEST = 4000;
const INLINE = /^(?:\$\$(?!\$)((?:\\[\s\S]|[^\\$])+?)\$\$|\$(?![\s$])((?:\\.|[^\\$\n])*?(?:\\.|[^\\$\s]))\$(?![\d$])|\\\(([\s\S]+?)\\\)|\\\[([\s\S]+?)\\\])/;
/** To the closing mark, or for as long as a paragraph goes on: it may still come. */
const BLOCK = /^ {0,3}(?:(\$\$)(?!\$)(?:((?:\\[\s\S]|[^\\$])+?)\$\$[ \t]*(?:\n+|$)|(?:[^\n$]|\n(?![ \t]*\n)|\$$)*$)|(\\\[)(?:((?:(?!\\\])[\s\S])+?)\\\][ \t]*(?:\n+|$)|(?:(?!\\\])[^\n]|\n(?![ \t]*\n))*$))/;

/** A sum of money, or words between two dollar signs: no sign of mathematics, but of prose. */
function isProse(tex: string): boolean {
  return !/[\\^_={}+<>|*]/.test(tex) && /\p{L}{2,}\s|\s\p{L}{2,}|^\d[\d.,]*[^\d\w]?$/u.test(tex);
}

interface Formula extends Tokens.Generic {
  type: "formula" | "formulaBlock";
  source: string;
  isBlock: boolean;
}

function html(source: string, isBlock: boolean): string {
  const text = source.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return isBlock ? `<div class="formula">${text}</div>` : `<span class="formula">${text}</span>`;
}

export const formulas: MarkedExtension = {
  extensions: [
    {
      name: "formulaBlock",
      level: "block",
      start: (source) => /\n {0,3}(?:\$\$|\\\[)/.exec(source)?.index,
      tokenizer(source): Formula | undefined {
        const found = BLOCK.exec(source);
        if (found === null) return undefined;
        const [raw, , dollars, , brackets] = found;
        const tex = dollars ?? brackets ?? "";
        if (tex.trim() === "" ? raw.includes("\n\n") : isProse(tex)) return undefined;
        return { type: "formulaBlock", raw, source: raw.trim(), isBlock: true };
      },
      renderer: (token) => html((token as Formula).source, true),
    },
    {
      name: "formula",
      level: "inline",
      start: (source) => /\$|\\[([]/.exec(source)?.index,
      tokenizer(source, before): Formula | undefined {
        // US$30, and what follows a number.
        if (source.startsWith("$") && /[\p{L}\p{N}]$/u.test(before.at(-1)?.raw ?? "")) return undefined;
        const [raw, a, b, c, d] = INLINE.exec(source) ?? [];
        const tex = a ?? b ?? c ?? d;
        if (raw === undefined || tex === undefined || isProse(tex) || /\n[ \t]*\n/.test(tex)) return undefined;
        return { type: "formula", raw, source: raw, isBlock: raw.startsWith("$$") || raw.startsWith("\\[") };
      },
      renderer: (token) => html((token as Formula).source, false),
    },
  ],
};

/** Draw the formulas of a block: at once when the converter is here, and else when it has come. */
export function typeset(block: ParentNode): void {
  const found = [...block.querySelectorAll<HTMLElement>(".formula")];
  if (found.length === 0) return;
  if (converter === null) void load().then((ready) => found.forEach((one) => draw(one, ready)), () => undefined);
  else for (const one of found) draw(one, converter);
}

type Converter = typeof import("./mathml").toMathml;

let converter: Converter | null = null;

/** A chunk of its own; asked for again with the next formula when it could not be fetched. */
async function load(): Promise<Converter> {
  converter = (await import("./mathml")).toMathml;
  return converter;
}

function draw(element: HTMLElement, convert: Converter): void {
  const source = element.textContent;
  const tex = source.replace(/^(?:\$\$?|\\[([])|(?:\$\$?|\\[)\]])$/g, "");
  const isDisplay = element.tagName === "DIV" || /^(?:\$\$|\\\[)/.test(source);
  // One that is still being written has no end yet.
  if (source.length > LONGEST || !isWhole(source)) return;
  const drawn = convert(tex, isDisplay);
  if (drawn !== null) element.replaceChildren(drawn);
}

function isWhole(source: string): boolean {
  return /^(?:\$\$[\s\S]+\$\$|\$[^$][\s\S]*\$|\\\([\s\S]+\\\)|\\\[[\s\S]+\\\])$/.test(source) || /^\$[^$]\$$/.test(source);
}
