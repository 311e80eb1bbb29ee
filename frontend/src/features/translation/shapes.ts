/** What this feature reads and sends, by the names of the server's schema. */
export interface Service {
  id: string;
  label: string;
  plan: string;
  /** False of the demo, and of what is not set up. */
  real: boolean;
  /** Why it cannot be chosen; empty when it can. */
  reason: string;
  formats: string[];
  limits: Record<string, number>;
  path: string;
  glossary: boolean;
  formality: boolean;
  /** What it keeps, in a sentence. */
  keeps_data: string;
  price_per_1800_chars: string;
  currency: string;
}

export interface Language {
  code: string;
  name: string;
  native_name: string;
  source: boolean;
  target: boolean;
  formality: boolean;
  glossary: boolean;
}

export interface Languages {
  results: Language[];
  pairs?: [string, string][] | null;
}

export interface Pricing {
  service: string;
  plan: string;
  price_per_1800_chars: string;
  estimated_chunks: number;
  estimated_cost: string;
  currency: string;
  billed_chars: number;
  minimum_chars: number;
  note?: string;
}

export interface TextRequest {
  text: string;
  target_lang: string;
  source_lang?: string;
  service?: string;
  model?: string;
  formality?: string;
  glossary?: string;
  instructions?: string;
  client_id?: string;
}

/** The answer to a text. */
export interface Translated {
  id: string;
  text: string;
  detected_lang: string | null;
  detected_sure: boolean;
  service: string;
  plan: string;
  is_demo: boolean;
  char_count: number;
  chunk_count: number;
  cost: string;
  currency: string;
  tokens_charged: number;
  flags: string[];
}

/** One of the history. */
export interface Translation {
  id: string;
  kind: "text" | "document";
  status: "pending" | "processing" | "completed" | "failed" | "cancelled";
  stage: string;
  source_lang: string | null;
  detected_lang: string | null;
  target_lang: string;
  service: string;
  plan: string;
  is_demo: boolean;
  char_count: number;
  chunk_count: number;
  cost: string;
  currency: string;
  created_at: string;
  name: string;
  excerpt: string;
  source?: string | null;
  text?: string | null;
}

export interface Glossary {
  id: string;
  name: string;
  source_lang: string;
  target_lang: string;
  entries_count: number;
  entries?: [string, string][];
  updated_at: string;
}

export interface GlossaryWrite {
  name: string;
  source_lang: string;
  target_lang: string;
  entries: [string, string][];
}

export type Stage =
  | "inspecting" | "ready" | "paying" | "queued" | "working" | "waiting_tokens" | "waiting_service" | "merging" | "done" | "failed" | "cancelled";
export type ChunkState = "waiting" | "uploading" | "sent" | "fetching" | "working" | "done" | "failed" | "cancelled";

export interface Fault {
  code: string;
  message: string;
}

export interface Chunk {
  number: number;
  pages: [number, number] | null;
  state: ChunkState;
  progress: number;
  error: Fault | null;
}

/** One way to have a document translated, and its price. */
export interface Offer {
  service: string;
  label: string;
  plan: string;
  path: "native" | "in_place";
  is_demo: boolean;
  characters: number;
  billed_chars: number;
  minimum_chars: number;
  chunk_count: number;
  cost: string;
  currency: string;
  tokens: number;
  parts: number;
  keeps_data: string;
  digest: string;
}

export interface Quote extends Offer {
  tokens_left: number | null;
  finishes_at: string | null;
  valid_until: string;
  others: Offer[];
  warnings: string[];
}

export interface TranslatedDocument extends Translation {
  stage: Stage;
  format: string;
  progress: number;
  pages: number | null;
  detected_sure: boolean | null;
  quote: Quote | null;
  chunks: Chunk[];
  quality: { segments?: number; flagged?: number };
  preview: { before: string; after: string } | null;
  files: { result: string | null; bilingual: string | null; expire_at: string | null };
  error: Fault | null;
}

export interface Segment {
  number: number;
  place: string;
  source: string;
  target: string;
  state: "new" | "done" | "flagged" | "failed";
  flags: string[];
}

export interface DocumentRequest {
  file_id: string;
  target_lang: string;
  source_lang?: string;
  service?: string;
  path?: string;
  layout?: "translated" | "both";
  client_id?: string;
}

export interface Start {
  quote_digest: string;
  layout?: "translated" | "both";
}
