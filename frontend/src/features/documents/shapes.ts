/** What this feature reads and sends, by the names of the server's schema. */
import type { Page, Schemas } from "@/lib/api";

export type DocumentBrief = Schemas["DocumentBrief"];
/** A document, as far as it is. */
export type PaperDocument = Schemas["DocumentDetail"];
export type Kind = DocumentBrief["kind"];
export type Status = DocumentBrief["status"];
export type Outline = Schemas["OutlineShape"];
export type SectionBrief = Schemas["SectionBrief"];
export type SectionStatus = SectionBrief["status"];
/** A section with its text. After the style pass that stands in `styled`, before it that is null. */
export type Section = Omit<Schemas["SectionShape"], "content" | "styled"> & { content: Block[]; styled: Block[] | null };
/** One order to write. */
export type Run = Schemas["DocumentRunShape"];
export type Requirements = Schemas["RequirementsShape"];
/** What is wanted of a document; who writes it the server chooses. */
export type NewDocument = Omit<Schemas["NewDocumentRequest"], "model">;
export type Language = NewDocument["language"];
/** An entry of the outline as it is sent; one without an id is new. */
export type OutlineEntry = Schemas["OutlineEntryBody"];
export type Quote = Schemas["DocumentQuoteShape"];

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
