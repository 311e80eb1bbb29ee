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
/** What was found out about a citation, how, and when. */
export type Lamp = Schemas["LampShape"];
export type Colour = Lamp["lamp"];
export type Citation = Omit<Schemas["CitationShape"], "lamps"> & { lamps: Partial<Record<LampName, Lamp>> };
/** A work that may be cited. */
export type Source = Omit<Schemas["DocumentSourceShape"], "csl"> & { csl: Csl };

/** Of CSL-JSON, what is shown. */
export interface Csl {
  title?: string;
  author?: { family?: string; given?: string; literal?: string }[];
  "container-title"?: string;
  issued?: { "date-parts"?: number[][] };
  URL?: string;
}

/** A file of a document. */
export type Export = Schemas["DocumentExportShape"];
export type Format = Export["format"];
export type Preset = NonNullable<NonNullable<Schemas["ExportRequest"]["layout"]>["preset"]>;

export type { Page };
