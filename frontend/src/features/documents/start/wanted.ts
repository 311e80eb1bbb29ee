/** What is wanted of a document, as it stands in the form. */
import { limit } from "@/lib/config";

import type { Kind, Language, NewDocument, PaperDocument } from "../shapes";

export interface Wanted {
  topic: string;
  title: string;
  kind: Kind;
  language: Language;
  /** As it is typed. */
  pages: string;
  /** Empty: the usual one of the language. */
  style: string;
  wishes: string;
}

const LEAST_TOPIC = 10;
const TITLE_FROM_TOPIC = 120;

export function wantedOf(document: PaperDocument | null, language: Language): Wanted {
  if (document === null) return { topic: "", title: "", kind: "essay", language, pages: "10", style: "", wishes: "" };
  const { topic, title, kind, language: written, target_pages: pages, citation_style: style, additional_requirements: wishes } = document;
  return { topic, title, kind, language: written, pages: String(pages), style, wishes };
}

export function isTopic(topic: string): boolean {
  return topic.trim().length >= LEAST_TOPIC;
}

export function isPages(pages: string): boolean {
  return /^\d{1,4}$/.test(pages.trim()) && Number(pages) >= 1 && Number(pages) <= limit("document_pages");
}

/** The first sentence of the topic, cut between words. */
export function titleFrom(topic: string): string {
  const line = (/^[^\n.?!]+[?!]?/.exec(topic.trim())?.[0] ?? topic).trim();
  if (line.length <= TITLE_FROM_TOPIC) return line;
  const cut = line.slice(0, TITLE_FROM_TOPIC);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), TITLE_FROM_TOPIC / 2)).trim()}…`;
}

export function asked({ topic, title, kind, language, pages, style, wishes }: Wanted): NewDocument {
  return {
    topic: topic.trim(),
    title: title.trim() || titleFrom(topic),
    kind,
    language,
    target_pages: Number(pages),
    citation_style: style,
    additional_requirements: wishes.trim(),
  };
}
