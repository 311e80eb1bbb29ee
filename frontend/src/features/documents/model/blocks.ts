/** The text of a section: read for showing, and turned into lines that one edits, and back. */
import type { Block, Mark, Sentence } from "../shapes";

/** `[S3]` cites a source, `[^ …]` is a footnote; both follow the sentence they belong to. */
const TAIL = /\s*\[(?:(S[1-9]\d{0,3})|\^\s?([^\]]*))\]/y;
const ANY_TAIL = /\s*\[(?:S[1-9]\d{0,3}|\^[^\]]*)\]/;

export function sentencesOf(blocks: readonly Block[]): Sentence[] {
  return blocks.flatMap((block) => (block.kind === "paragraph" ? block.s : block.kind === "list" ? block.items.flat() : []));
}

export function marksOf(blocks: readonly Block[]): Mark[] {
  return sentencesOf(blocks).flatMap(({ c }) => c ?? []);
}

export function wordsOf(blocks: readonly Block[]): number {
  const texts = blocks.map((block) => (block.kind === "table" ? [...block.header, ...block.rows.flat()].join(" ") : block.kind === "heading" ? block.t : sentencesOf([block]).map(({ t }) => t).join(" ")));
  return texts.join(" ").match(/\S+/g)?.length ?? 0;
}

/** Sentences in one line, as they are edited. */
export function written(sentences: readonly Sentence[]): string {
  return sentences.map(({ t, c = [], note = "" }) => [t, ...c.map(({ s }) => `[${s}]`), ...(note === "" ? [] : [`[^ ${note}]`])].join(" ")).join(" ");
}

/** The number of a citation of a source (`key`) after a sentence. */
export type Numbering = (sentence: string, key: string) => number;

/** The sentences of an edited line. Those that were there keep their limits; null where a mark stands before any words. */
export function read(line: string, before: readonly Sentence[], numberOf: Numbering): Sentence[] | null {
  const result: Sentence[] = [];
  let rest = line.trim();
  while (rest !== "") {
    const found = ANY_TAIL.exec(rest);
    const said = splitLike(rest.slice(0, found?.index).trim(), before);
    const [marks, note, end] = tail(rest, found?.index ?? rest.length);
    const last = said.at(-1);
    if (last === undefined) return null;
    const c = marks.map((s) => ({ s, n: numberOf(last, s) }));
    result.push(...said.slice(0, -1).map((t) => ({ t })), { t: last, ...(c.length > 0 && { c }), ...(note !== "" && { note }) });
    rest = rest.slice(end).trim();
  }
  return result;
}

function tail(text: string, start: number): [marks: string[], note: string, end: number] {
  const marks: string[] = [];
  let note = "";
  let end = start;
  for (;;) {
    TAIL.lastIndex = end;
    const found = TAIL.exec(text);
    if (found === null) return [marks, note, end];
    if (found[1] !== undefined) marks.push(found[1]);
    else note = (found[2] ?? "").trim();
    end = TAIL.lastIndex;
  }
}

/** Sentences that were there are found again as they were; what is new is split where sentences end. */
function splitLike(text: string, before: readonly Sentence[]): string[] {
  const result: string[] = [];
  let rest = text;
  while (rest !== "") {
    const known = before.find(({ t }) => rest.startsWith(t) && /^(?:\s|$)/.test(rest.slice(t.length)));
    const taken = known?.t ?? firstSentence(rest);
    result.push(taken.trim());
    rest = rest.slice(taken.length).trim();
  }
  return result;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: "sentence" });

function firstSentence(text: string): string {
  for (const { segment } of segmenter.segment(text)) return segment;
  return text;
}

/**
 * A sentence that is still there, wherever it went, keeps the numbers of its citations. One that was edited takes those of
 * the same source that a sentence which is gone (not in `text`) had; what is new counts on from the highest. None is given twice.
 */
export function numbering(before: readonly Block[], text: string): Numbering {
  const left = sentencesOf(before).map(({ t, c = [] }) => ({ t, isGone: !text.includes(t), marks: [...c] }));
  let highest = Math.max(0, ...marksOf(before).map(({ n }) => n));
  return (sentence, key) => {
    const has = ({ marks }: { marks: Mark[] }) => marks.some(({ s }) => s === key);
    const holder = left.find((one) => one.t === sentence && has(one)) ?? left.find((one) => one.isGone && has(one));
    const at = holder?.marks.findIndex(({ s }) => s === key) ?? -1;
    return holder?.marks.splice(at, 1)[0]?.n ?? (highest += 1);
  };
}

/** A sentence before the style pass and after it. `index` counts the sentences of the section, from 0. */
export interface Change {
  index: number;
  before: Sentence;
  after: Sentence;
}

/** What the style pass changed: it goes sentence by sentence, so both have as many. */
export function styleChanges(content: readonly Block[], styled: readonly Block[] | null): Change[] {
  if (styled === null) return [];
  const after = sentencesOf(styled);
  return sentencesOf(content).flatMap((before, index) => {
    const now = after[index];
    return now === undefined || now.t === before.t ? [] : [{ index, before, after: now }];
  });
}
