/** How a source is named. */
import type { Csl, Source } from "../shapes";

function authors({ author = [] }: Csl): string[] {
  return author.map(({ family, literal, given }) => family ?? literal ?? given ?? "").filter((name) => name !== "");
}

export function yearOf({ issued }: Csl): string {
  return String(issued?.["date-parts"]?.[0]?.[0] ?? "");
}

/** "Sampleton & Muster 2019"; the key where nothing is known. */
export function shortName({ key, csl }: Pick<Source, "key" | "csl">): string {
  const [first, second, third] = authors(csl);
  if (first === undefined) return csl.title ?? key;
  const names = second === undefined ? first : third === undefined ? `${first} & ${second}` : `${first} et al.`;
  return [names, yearOf(csl)].filter((part) => part !== "").join(" ");
}

/** All authors, year and where it came out, in one line. */
export function facts({ csl }: Pick<Source, "csl">): string {
  return [authors(csl).join(", "), yearOf(csl), csl["container-title"] ?? ""].filter((part) => part !== "").join(" · ");
}

/** Where it can be read; null for none. Only addresses of the web are followed. */
export function addressOf({ doi, csl, is_demo: isDemo }: Pick<Source, "doi" | "csl" | "is_demo">): string | null {
  if (isDemo) return null;
  if (doi !== "") return `https://doi.org/${encodeURI(doi)}`;
  return csl.URL !== undefined && /^https?:\/\//.test(csl.URL) ? csl.URL : null;
}

const DOI = /^10\.\d{4,9}\/\S+$/;

/** A DOI, also out of an address; null for what is none. */
export function doiIn(text: string): string | null {
  const bare = text.trim().replace(/^(?:https?:\/\/(?:dx\.)?doi\.org\/|doi:\s*)/i, "");
  return DOI.test(bare) ? bare : null;
}
