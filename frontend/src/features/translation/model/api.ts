/** The endpoints of translation this client calls, one function each. */
import { api } from "@/lib/api";
import type { Page } from "@/lib/api";

import type { Glossary, GlossaryWrite, Languages, Pricing, Service, TextRequest, Translation } from "../shapes";

const ONE = "/api/translation/{translation_id}";
const GLOSSARY = "/api/translation/glossaries/{glossary_id}";

export async function listServices(signal: AbortSignal): Promise<Service[]> {
  return (await api.get("/api/translation/services", { signal })).results;
}

export function listLanguages(service: string, signal: AbortSignal): Promise<Languages> {
  return api.get("/api/translation/languages", { query: { service }, signal });
}

export function readPricing(service: string, char_count: number, signal: AbortSignal): Promise<Pricing> {
  return api.get("/api/translation/pricing", { query: { service, char_count }, signal });
}

export function streamText(body: TextRequest, signal: AbortSignal): Promise<Response> {
  return api.fetch("post", "/api/translation/stream", { body, headers: { Accept: "text/event-stream" }, signal });
}

export function listTranslations(query: { kind?: "text" | "document"; q?: string }, signal: AbortSignal): Promise<Page<Translation>> {
  return api.get("/api/translation", { query, signal });
}

export function readTranslation(translation_id: string, signal?: AbortSignal): Promise<Translation> {
  return api.get(ONE, { path: { translation_id }, signal });
}

export function deleteTranslation(translation_id: string): Promise<void> {
  return api.delete(ONE, { path: { translation_id } });
}

export function listGlossaries(signal: AbortSignal): Promise<Page<Glossary>> {
  return api.get("/api/translation/glossaries", { signal });
}

export function readGlossary(glossary_id: string, signal?: AbortSignal): Promise<Glossary> {
  return api.get(GLOSSARY, { path: { glossary_id }, signal });
}

export function createGlossary(body: GlossaryWrite): Promise<Glossary> {
  return api.post("/api/translation/glossaries", { body });
}

export function changeGlossary(glossary_id: string, body: Partial<GlossaryWrite>): Promise<Glossary> {
  return api.patch(GLOSSARY, { path: { glossary_id }, body });
}

export function deleteGlossary(glossary_id: string): Promise<void> {
  return api.delete(GLOSSARY, { path: { glossary_id } });
}
