/** A section while it is edited: each block as lines of text, and back. */
import type { Block, Sentence } from "../shapes";
import { numbering, read, sentencesOf, written } from "./blocks";

export type Draft =
  | { key: string; kind: "paragraph"; text: string }
  | { key: string; kind: "heading"; level: number; text: string }
  | { key: string; kind: "list"; ordered: boolean; text: string }
  | { key: string; kind: "table"; caption: string; header: string[]; rows: string[][] };

export function draftsOf(blocks: readonly Block[]): Draft[] {
  return blocks.map((block, index): Draft => {
    const key = `b${index}`;
    switch (block.kind) {
      case "paragraph":
        return { key, kind: "paragraph", text: written(block.s) };
      case "heading":
        return { key, kind: "heading", level: block.level, text: block.t };
      case "list":
        return { key, kind: "list", ordered: block.ordered ?? false, text: block.items.map(written).join("\n") };
      case "table":
        return { key, kind: "table", caption: block.caption ?? "", header: block.header, rows: block.rows };
    }
  });
}

export type Refusal = { problem: "markFirst"; key: string } | { problem: "unknownKey"; key: string; source: string } | { problem: "emptyText"; key: null };

const MARK = /\[(S[1-9]\d{0,3})\]/g;

/** The blocks that are meant. What became empty is left out; `sources` are the keys that may be cited. */
export function blocksOf(drafts: readonly Draft[], before: readonly Block[], sources: readonly string[]): Block[] | Refusal {
  const numberOf = numbering(before, drafts.map((draft) => (draft.kind === "table" ? "" : draft.text)).join("\n"));
  const known = sentencesOf(before);
  const result: Block[] = [];
  for (const draft of drafts) {
    const stranger = strangerIn(draft, sources);
    if (stranger !== null) return { problem: "unknownKey", key: draft.key, source: stranger };
    const block = blockOf(draft, (line) => read(line, known, numberOf));
    if (block === "markFirst") return { problem: "markFirst", key: draft.key };
    if (block !== null) result.push(block);
  }
  return result.length === 0 ? { problem: "emptyText", key: null } : result;
}

function strangerIn(draft: Draft, sources: readonly string[]): string | null {
  if (draft.kind === "table" || draft.kind === "heading") return null;
  for (const [, key = ""] of draft.text.matchAll(MARK)) if (!sources.includes(key)) return key;
  return null;
}

/** Null for one without any words. */
function blockOf(draft: Draft, sentences: (line: string) => Sentence[] | null): Block | null | "markFirst" {
  switch (draft.kind) {
    case "heading":
      return draft.text.trim() === "" ? null : { kind: "heading", level: draft.level, t: draft.text.trim() };
    case "table":
      return { kind: "table", ...(draft.caption.trim() !== "" && { caption: draft.caption.trim() }), header: draft.header, rows: draft.rows };
    case "paragraph": {
      const s = sentences(draft.text.replace(/\s*\n\s*/g, " "));
      return s === null ? "markFirst" : s.length === 0 ? null : { kind: "paragraph", s };
    }
    case "list": {
      const items = draft.text
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map(sentences);
      if (items.includes(null)) return "markFirst";
      const full = items.filter((item): item is Sentence[] => item !== null && item.length > 0);
      return full.length === 0 ? null : { kind: "list", ...(draft.ordered && { ordered: true }), items: full };
    }
  }
}
