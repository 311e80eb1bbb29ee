/** All emoji by their names, in the reader's language and in English; fetched when somebody looks for one. */
import { language } from "@/lib/i18n";
import type { Language } from "@/lib/i18n";

export interface Emoji {
  char: string;
  /** In the reader's language. */
  name: string;
  /** All it is found by, in lower case. */
  words: readonly string[];
  /** Of Unicode: 0 smileys, 1 people, 3 nature, 4 food, 5 travel, 6 activities, 7 objects, 8 symbols, 9 flags. */
  group: number;
  takesTone: boolean;
  /** What is written between two colons. */
  short: readonly string[];
}

export const GROUPS = [0, 1, 3, 4, 5, 6, 7, 8, 9] as const;
/** None, then from light to dark. */
export const TONES = ["", "🏻", "🏼", "🏽", "🏾", "🏿"] as const;

const sources = {
  en: async () => (await import("virtual:emoji/en")).default,
  uk: async () => (await import("virtual:emoji/uk")).default,
};
const loaded = new Map<Language, Promise<readonly Emoji[]>>();

/** Rejects when the line breaks; asking again tries again. */
export function loadEmoji(): Promise<readonly Emoji[]> {
  const { value: tongue } = language;
  const known = loaded.get(tongue);
  if (known !== undefined) return known;
  const work = read(tongue);
  loaded.set(tongue, work);
  work.catch(() => loaded.delete(tongue));
  return work;
}

async function read(tongue: Language): Promise<readonly Emoji[]> {
  const [english, own] = await Promise.all([sources.en(), sources[tongue]()]);
  const named = new Map(own.map(([char, ...rest]) => [char, rest]));
  return english.map(([char, name, others, group, tone, short]) => {
    const [ownName = name, ownOthers = ""] = named.get(char) ?? [];
    const words = new Set(`${ownName} ${ownOthers} ${name} ${others} ${short}`.toLowerCase().split(/[\s_:,]+/));
    return { char, name: ownName, words: [...words], group, takesTone: tone === 1, short: short.split(" ").filter((one) => one !== "") };
  });
}

/** Those that all words of the question are in, the best first: by a whole word, by a beginning. */
export function findEmoji(all: readonly Emoji[], question: string, most = 60): Emoji[] {
  const wanted = question.toLowerCase().split(/[\s_]+/).filter((word) => word !== "");
  const found = all.flatMap((emoji) => {
    const ranks = wanted.map((word) => rank(emoji, word));
    return ranks.includes(null) ? [] : [{ emoji, rank: Math.max(...ranks.map(Number)) }];
  });
  return found.sort((a, b) => a.rank - b.rank).slice(0, most).map(({ emoji }) => emoji);
}

function rank(emoji: Emoji, word: string): number | null {
  if (emoji.short.includes(word)) return 0;
  if (emoji.words.includes(word)) return 1;
  if (emoji.short.some((one) => one.startsWith(word))) return 2;
  return emoji.words.some((one) => one.startsWith(word)) ? 3 : null;
}

export function toned({ char, takesTone }: Pick<Emoji, "char" | "takesTone">, tone: string): string {
  if (!takesTone || tone === "") return char;
  const [first = "", ...rest] = char;
  return first + tone + rest.join("").replace(/^\uFE0F/, "");
}
