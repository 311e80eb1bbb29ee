/** What this feature reads of the server. */
import type { Page } from "@/lib/api";

export type Kind = "thesis" | "essay" | "article" | "report";
export type Status = "draft" | "outline_generated" | "generating" | "paused" | "completed" | "failed";
export type SectionStatus = "pending" | "researching" | "writing" | "checking" | "styling" | "completed" | "failed";
export type RunStatus = "queued" | "running" | "paused" | "completed" | "failed" | "cancelled";
export type Pause = "" | "tokens" | "provider" | "payment" | "owner";

export interface Fault {
  code: string;
  message: string;
}

/** A citation: of which source, and its number in the section. */
export interface Mark {
  s: string;
  n: number;
}

export interface Sentence {
  t: string;
  c?: Mark[];
  /** A footnote of the author's own. */
  note?: string;
}

export type Block =
  | { kind: "paragraph"; s: Sentence[] }
  | { kind: "heading"; level: number; t: string }
  | { kind: "list"; ordered?: boolean; items: Sentence[][] }
  | { kind: "table"; caption?: string; header: string[]; rows: string[][] };

export interface SectionBrief {
  id: string;
  number: number;
  level: number;
  title: string;
  goal: string;
  target_words: number;
  needs_sources: boolean;
  status: SectionStatus;
  words: number;
  pages: number;
  error: Fault | null;
  version: number;
}

export interface Section extends SectionBrief {
  content: Block[];
  /** After the style pass; null before it. */
  styled: Block[] | null;
  summary: string;
}

export interface Run {
  job_id: string | null;
  document_id: string;
  kind: "full" | "section" | "outline";
  status: RunStatus;
  stage: string;
  progress: number;
  section: number | null;
  paused_for: Pause;
  resumes_at: string | null;
  error: Fault | null;
  tokens: number;
  cost: string;
  check_url: string;
}

export interface Requirements {
  characters: number;
  preview: string;
  truncated: boolean;
  digest: string;
}

export interface DocumentBrief {
  id: string;
  title: string;
  kind: Kind;
  language: string;
  target_pages: number;
  status: Status;
  stage: string;
  words: number;
  pages: number;
  is_demo: boolean;
  created_at: string;
  updated_at: string;
}

export interface PaperDocument extends DocumentBrief {
  topic: string;
  model: string;
  citation_style: string;
  requirements: Requirements | null;
  additional_requirements: string;
  tokens_used: number;
  completed_at: string | null;
  outline: Outline;
  /** The last one. */
  run: Run | null;
}

export interface Outline {
  /** Named with each change; 0: there is none yet. */
  version: number;
  sections: SectionBrief[];
}

export interface NewDocument {
  title: string;
  topic: string;
  kind: Kind;
  language: string;
  target_pages: number;
  citation_style?: string;
  additional_requirements?: string;
  client_id?: string;
}

/** An entry of the outline as it is sent; one without an id is new. */
export interface OutlineEntry {
  id: string | null;
  level: number;
  title: string;
  goal: string;
  target_words: number;
  needs_sources: boolean;
}

export interface Quote {
  digest: string;
  pages: number;
  /** In cents; 0: it takes tokens alone. */
  amount: number;
  currency: string;
  tokens: number;
  tokens_left: number | null;
  valid_until: string;
}

export type LampName = "exists" | "metadata" | "retraction" | "support";
export type Colour = "green" | "amber" | "red" | "grey";

export interface Lamp {
  lamp: Colour;
  /** By its code; several are separated by blanks. */
  reason: string;
  method: string;
  evidence: string;
  at: string | null;
}

export interface Source {
  id: string;
  key: string;
  provider: string;
  doi: string;
  csl: Csl;
  abstract: string;
  is_user_added: boolean;
  is_excluded: boolean;
  is_demo: boolean;
  retraction: string;
}

/** Of CSL-JSON, what is shown. */
export interface Csl {
  title?: string;
  author?: { family?: string; given?: string; literal?: string }[];
  "container-title"?: string;
  issued?: { "date-parts"?: number[][] };
  URL?: string;
}

export interface Citation {
  id: string;
  section: number;
  number: number;
  source: string;
  sentence: string;
  claim: string;
  quote: string;
  locator: string;
  lamps: Partial<Record<LampName, Lamp>>;
  override_reason: string;
  overridden_at: string | null;
  confirmed_at: string | null;
}

export type Format = "docx" | "pdf";

export interface Export {
  download_url: string;
  expires_at: string | null;
  file_size: number;
  format: Format;
  status?: string;
}

export type { Page };
