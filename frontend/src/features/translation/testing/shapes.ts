/** Rows of the server for tests. */
import type { Language, Service, Translated, Translation } from "../shapes";

export function languageRow(code: string, change: Partial<Language> = {}): Language {
  return { code, name: code, native_name: code, source: true, target: true, formality: false, glossary: true, ...change };
}

export function service(change: Partial<Service> = {}): Service {
  return {
    id: "deepl",
    label: "DeepL",
    plan: "Kintsugi Basic",
    real: true,
    reason: "",
    formats: ["docx", "pdf"],
    limits: {},
    path: "native",
    glossary: true,
    formality: true,
    keeps_data: "DeepL keeps nothing after the translation.",
    price_per_1800_chars: "0.0500",
    currency: "USD",
    ...change,
  };
}

export function translated(change: Partial<Translated> = {}): Translated {
  return {
    id: "t1",
    text: "Добрий день",
    detected_lang: "en",
    detected_sure: true,
    service: "demo",
    plan: "Demo",
    is_demo: true,
    char_count: 8,
    chunk_count: 1,
    cost: "0.0500",
    currency: "USD",
    tokens_charged: 2,
    flags: [],
    ...change,
  };
}

export function translation(change: Partial<Translation> = {}): Translation {
  return {
    id: "t1",
    kind: "text",
    status: "completed",
    stage: "done",
    source_lang: "en",
    detected_lang: null,
    target_lang: "uk",
    service: "demo",
    plan: "Demo",
    is_demo: true,
    char_count: 8,
    chunk_count: 1,
    cost: "0.0500",
    currency: "USD",
    created_at: "2026-01-01T00:00:00Z",
    name: "",
    excerpt: "Good day",
    ...change,
  };
}
