/** Entries of a glossary as lines of text, and back. */
import type { Entry } from "../shapes";

export interface Read {
  entries: Entry[];
  /** Lines, from 1, that hold a word and no translation. */
  unread: number[];
  /** The first word that stands there a second time. */
  twice: { term: string; line: number } | null;
}

/** A tab parts words wherever there is one; else a semicolon, else an equals sign, else a comma, as tables have them. */
const SEPARATORS = ["\t", ";", "=", ","];

export function readEntries(text: string): Read {
  const read: Read = { entries: [], unread: [], twice: null };
  const seen = new Set<string>();
  for (const [index, raw] of text.replace(/^\uFEFF/, "").split(/\r\n?|\n/).entries()) {
    if (raw.trim() === "") continue;
    const [source = "", target = ""] = cells(raw);
    if (source === "" || target === "") {
      read.unread.push(index + 1);
      continue;
    }
    if (seen.has(source)) read.twice ??= { term: source, line: index + 1 };
    seen.add(source);
    read.entries.push({ source, target });
  }
  return read;
}

/** By tabs where a word holds an equals sign, which would be read as the end of it. */
export function writeEntries(entries: readonly Entry[]): string {
  return entries
    .map(({ source, target }) => (/[=;\t,"]/.test(source + target) ? `${source}\t${target}` : `${source} = ${target}`))
    .join("\n");
}

function cells(line: string): string[] {
  const separator = SEPARATORS.find((one) => line.includes(one));
  if (separator === undefined) return [line.trim()];
  if (separator !== "=" && line.trimStart().startsWith('"')) return quoted(line.trim(), separator);
  const at = line.indexOf(separator);
  const rest = line.slice(at + 1);
  // A third cell of a table is somebody's remark.
  const end = separator === "=" ? -1 : rest.indexOf(separator);
  return [line.slice(0, at), end < 0 ? rest : rest.slice(0, end)].map(unquoted);
}

/** RFC 4180, section 2: quotation marks around a cell, doubled inside it. */
function quoted(line: string, separator: string): string[] {
  const pattern = new RegExp(`"((?:[^"]|"")*)"|([^${separator}]+)`, "g");
  return [...line.matchAll(pattern)].map(([, inside, plain]) => (inside?.replaceAll('""', '"') ?? plain ?? "").trim());
}

function unquoted(cell: string): string {
  const trimmed = cell.trim();
  const inside = /^"((?:[^"]|"")*)"$/.exec(trimmed)?.[1];
  return inside?.replaceAll('""', '"').trim() ?? trimmed;
}
