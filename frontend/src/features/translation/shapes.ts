/** What this feature reads and sends, by the names of the server's schema. */
import type { Schemas } from "@/lib/api";

export type Service = Schemas["ServiceShape"];
export type Language = Schemas["LanguageShape"];
export type Languages = Schemas["LanguagesShape"];
export type Model = Schemas["Model"];
export type Fault = Schemas["FaultShape"];

/** What is left out is the server's to choose. */
export type TextRequest = Partial<Schemas["TextRequest"]> & Pick<Schemas["TextRequest"], "text" | "target_lang">;
/** A text with its translation. */
export type TextTranslated = Schemas["TextShape"];
/** A line of the history. */
export type Translation = Schemas["TranslationBriefShape"];

export type Glossary = Schemas["GlossaryBriefShape"];
export type GlossaryDetail = Schemas["GlossaryShape"];
export type GlossaryWrite = Schemas["NewGlossaryRequest"];
export type Entry = Schemas["EntryShape"];

export type DocumentRequest = Partial<Schemas["DocumentRequest"]> & Pick<Schemas["DocumentRequest"], "target_lang">;
export type TranslatedDocument = Schemas["DocumentShape"];
export type Stage = TranslatedDocument["stage"];
export type Quote = Schemas["QuoteShape"];
/** One way to have a document translated, and its price. */
export type Offer = Schemas["OfferShape"];
/** A part of a document. */
export type Chunk = Schemas["ChunkShape"];
export type Segment = Schemas["SegmentShape"];
