/** Rows of the server for tests. */
import type { Chunk, Language, Offer, Service, TextTranslated, TranslatedDocument } from "../shapes";

export function languageRow(code: string, change: Partial<Language> = {}): Language {
  return { code, name: code, native_name: code, source: true, target: true, formality: false, glossary: true, ...change };
}

export function service(change: Partial<Service> = {}): Service {
  return {
    id: "deepl",
    label: "DeepL",
    plan: "Kintsugi Basic",
    real: true,
    is_on: true,
    reason: "",
    price_per_1800_chars: "0.05",
    currency: "USD",
    formats: {},
    max_chars: 50_000,
    glossary: true,
    formality: true,
    instructions: false,
    keeps_data: "DeepL keeps nothing after the translation.",
    ...change,
  };
}

export function translated(change: Partial<TextTranslated> = {}): TextTranslated {
  return {
    id: "t1",
    kind: "text",
    status: "completed",
    stage: "",
    name: "",
    source_lang: "",
    detected_lang: "en",
    detected_sure: true,
    target_lang: "uk",
    service: "demo",
    plan: "Demo",
    is_demo: true,
    char_count: 8,
    chunk_count: 1,
    cost: "0.0500",
    currency: "USD",
    tokens_charged: 2,
    created_at: "2026-01-01T00:00:00Z",
    completed_at: "2026-01-01T00:00:01Z",
    error: null,
    source: "Good day",
    text: "Добрий день",
    model: "",
    formality: "",
    glossary: null,
    instructions: "",
    flags: [],
    ...change,
  };
}

export function offer(change: Partial<Offer> = {}): Offer {
  return {
    service: "deepl",
    label: "DeepL",
    plan: "Kintsugi Basic",
    path: "in_place",
    is_demo: false,
    characters: 5_300,
    billed_chars: 5_300,
    minimum_chars: 0,
    chunk_count: 3,
    price_per_1800_chars: "0.0500",
    cost: "0.1500",
    currency: "USD",
    tokens: 1_300,
    parts: 1,
    keeps_data: "",
    digest: "d-1",
    finishes_at: null,
    ...change,
  };
}

export function chunk(number: number, change: Partial<Chunk> = {}): Chunk {
  return { number, pages: null, state: "waiting", progress: 0, error: null, ...change };
}

export function translatedDocument(change: Partial<TranslatedDocument> = {}): TranslatedDocument {
  return {
    id: "d1",
    kind: "document",
    status: "pending",
    stage: "ready",
    progress: 0,
    name: "letter.docx",
    format: "docx",
    source_lang: "",
    detected_lang: "en",
    detected_sure: true,
    target_lang: "uk",
    service: "deepl",
    plan: "Kintsugi Basic",
    path: "in_place",
    is_demo: false,
    pages: null,
    char_count: 5_300,
    billed_chars: 5_300,
    chunk_count: 3,
    part_count: 1,
    part_done: 0,
    cost: "0.1500",
    currency: "USD",
    tokens_estimated: 1_300,
    tokens_charged: 0,
    order_id: null,
    error: null,
    quote: {
      lines: [],
      cost: "0.1500",
      currency: "USD",
      tokens: 1_300,
      tokens_left: 100_000,
      finishes_at: null,
      digest: "d-1",
      valid_until: "2099-01-01T00:00:00Z",
      others: [offer()],
      warnings: [],
    },
    chunks: [],
    quality: null,
    preview: null,
    files: { result: null, bilingual: null, expire_at: null },
    created_at: "2026-01-01T00:00:00Z",
    started_at: null,
    completed_at: null,
    ...change,
  };
}
