/** The outline while it is edited: pure changes of a list. */
import type { OutlineEntry, SectionBrief } from "../shapes";

/** Of a page in 14 pt with a spacing of 1.5, as the server plans it. */
export const WORDS_A_PAGE = 300;
export const LEAST_WORDS = 50;
export const MOST_WORDS = 20_000;
const NEW_WORDS = 300;
const LEVELS = 3;

/** An entry with a name of its own for the list it stands in, also while it has no id. */
export interface Entry extends OutlineEntry {
  key: string;
  /** It is written or being written: it stays as it is, and where it is. */
  isFixed: boolean;
}

export function entriesOf(sections: readonly SectionBrief[]): Entry[] {
  return sections.map(({ id, level, title, goal, target_words, needs_sources, status }) => ({
    key: id,
    id,
    level,
    title,
    goal,
    target_words,
    needs_sources,
    isFixed: status !== "pending" && status !== "failed",
  }));
}

export function asSent(entries: readonly Entry[]): OutlineEntry[] {
  return entries.map(({ id, level, title, goal, target_words, needs_sources }) => ({ id, level, title: title.trim(), goal: goal.trim(), target_words, needs_sources }));
}

export function newEntry(key: string, level: number): Entry {
  return { key, id: null, level, title: "", goal: "", target_words: NEW_WORDS, needs_sources: true, isFixed: false };
}

/** Takes an entry to another place. Nothing passes what is written. */
export function moved(entries: readonly Entry[], from: number, to: number): readonly Entry[] {
  const target = Math.max(0, Math.min(to, entries.length - 1));
  const passed = entries.slice(Math.min(from, target), Math.max(from, target) + 1);
  const entry = entries[from];
  if (entry === undefined || target === from || passed.some(({ isFixed }) => isFixed)) return entries;
  const others = entries.filter((_, index) => index !== from);
  return levelled([...others.slice(0, target), entry, ...others.slice(target)]);
}

export function inserted(entries: readonly Entry[], after: number, key: string): readonly Entry[] {
  return [...entries.slice(0, after + 1), newEntry(key, entries[after]?.level ?? 1), ...entries.slice(after + 1)];
}

export function removed(entries: readonly Entry[], key: string): readonly Entry[] {
  return levelled(entries.filter((entry) => entry.key !== key));
}

export function changed(entries: readonly Entry[], key: string, part: Partial<OutlineEntry>): readonly Entry[] {
  return entries.map((entry) => (entry.key === key ? { ...entry, ...part } : entry));
}

/** One level in or out; an entry is at most one level below the one before it. */
export function indented(entries: readonly Entry[], index: number, by: 1 | -1): readonly Entry[] {
  const entry = entries[index];
  const most = Math.min(LEVELS, (entries[index - 1]?.level ?? 0) + 1);
  if (entry === undefined || entry.isFixed) return entries;
  const level = Math.max(1, Math.min(most, entry.level + by));
  return levelled(entries.map((one, at) => (at === index ? { ...one, level } : one)));
}

function levelled(entries: readonly Entry[]): readonly Entry[] {
  let above = 0;
  return entries.map((entry) => {
    const level = Math.min(entry.level, above + 1);
    above = level;
    return level === entry.level ? entry : { ...entry, level };
  });
}

/** "2.1" for the first below the second. */
export function numbered(levels: readonly number[]): string[] {
  const counts: number[] = [];
  return levels.map((level) => {
    counts.length = Math.min(counts.length, level);
    while (counts.length < level) counts.push(0);
    counts[level - 1] = (counts[level - 1] ?? 0) + 1;
    return counts.join(".");
  });
}

export function totalWords(entries: readonly Pick<OutlineEntry, "target_words">[]): number {
  return entries.reduce((sum, { target_words: words }) => sum + words, 0);
}

export function pagesFor(words: number): number {
  return Math.round((words / WORDS_A_PAGE) * 10) / 10;
}

/** What keeps it from being saved. */
export type Problem = "empty" | "untitled" | "words";

export function problemOf(entries: readonly Entry[]): Problem | null {
  if (entries.length === 0) return "empty";
  if (entries.some(({ title }) => title.trim() === "")) return "untitled";
  const isCount = (words: number) => Number.isInteger(words) && words >= LEAST_WORDS && words <= MOST_WORDS;
  return entries.every(({ target_words: words, isFixed }) => isFixed || isCount(words)) ? null : "words";
}
