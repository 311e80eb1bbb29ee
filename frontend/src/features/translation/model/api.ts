/** The endpoints of translation this client calls, one function each. */
import { api } from "@/lib/api";
import type { Page, Query } from "@/lib/api";
import { hasModule } from "@/lib/config";

import type {
  DocumentRequest,
  Glossary,
  GlossaryDetail,
  GlossaryWrite,
  Languages,
  Model,
  Segment,
  Service,
  TextRequest,
  TextTranslated,
  TranslatedDocument,
  Translation,
} from "../shapes";

export type ServiceName = NonNullable<Query<"get", "/api/translation/languages">["service"]>;

const ONE = "/api/translation/{translation_id}";
const DOCUMENT = "/api/translation/documents/{translation_id}";
const GLOSSARY = "/api/translation/glossaries/{glossary_id}";

export async function listServices(signal: AbortSignal): Promise<Service[]> {
  return (await api.get("/api/translation/services", { signal })).results;
}

/** Of one service; empty: of the one that is taken where nobody chose. */
export function listLanguages(service: string, signal: AbortSignal): Promise<Languages> {
  const query = service === "" ? {} : { service: service as ServiceName };
  return api.get("/api/translation/languages", { query, signal });
}

/** Those that translate, whatever the plan; none without the module that lists them. */
export async function listModels(signal: AbortSignal): Promise<Model[]> {
  if (!hasModule("aichat")) return [];
  const { results } = await api.get("/api/chats/models", { query: { all: true }, signal });
  return results.filter(({ is_demo: isDemo }) => !isDemo);
}

export function streamText(body: TextRequest, signal: AbortSignal): Promise<Response> {
  return api.fetch("post", "/api/translation/stream", { body, headers: { Accept: "text/event-stream" }, signal });
}

export function listTranslations(query: { kind?: "text" | "document"; q?: string }, signal: AbortSignal): Promise<Page<Translation>> {
  return api.get("/api/translation", { query, signal });
}

export function readTranslation(translation_id: string, signal?: AbortSignal): Promise<TextTranslated> {
  return api.get(ONE, { path: { translation_id }, signal });
}

/** A document that is at work is cancelled first. */
export function deleteTranslation({ id: translation_id, kind }: Pick<Translation, "id" | "kind">): Promise<void> {
  return api.delete(kind === "document" ? DOCUMENT : ONE, { path: { translation_id } });
}

export function listGlossaries(signal: AbortSignal): Promise<Page<Glossary>> {
  return api.get("/api/translation/glossaries", { signal });
}

export function readGlossary(glossary_id: string, signal?: AbortSignal): Promise<GlossaryDetail> {
  return api.get(GLOSSARY, { path: { glossary_id }, signal });
}

export function createGlossary(body: GlossaryWrite): Promise<GlossaryDetail> {
  return api.post("/api/translation/glossaries", { body });
}

export function changeGlossary(glossary_id: string, body: Partial<GlossaryWrite>): Promise<GlossaryDetail> {
  return api.patch(GLOSSARY, { path: { glossary_id }, body });
}

export function deleteGlossary(glossary_id: string): Promise<void> {
  return api.delete(GLOSSARY, { path: { glossary_id } });
}

export function createDocument(body: DocumentRequest): Promise<TranslatedDocument> {
  return api.post("/api/translation/documents", { body });
}

export function readDocument(translation_id: string, signal?: AbortSignal): Promise<TranslatedDocument> {
  return api.get(DOCUMENT, { path: { translation_id }, signal });
}

export function makePreview(translation_id: string): Promise<TranslatedDocument> {
  return api.post(`${DOCUMENT}/preview`, { path: { translation_id } });
}

export function startDocument(translation_id: string, quote_digest: string): Promise<TranslatedDocument> {
  return api.post(`${DOCUMENT}/start`, { path: { translation_id }, body: { quote_digest } });
}

export function cancelDocument(translation_id: string): Promise<TranslatedDocument> {
  return api.post(`${DOCUMENT}/cancel`, { path: { translation_id } });
}

/** Without numbers all that failed; `flagged`: in their place the segments that somebody should look at. */
export function retryDocument(translation_id: string, chunks: readonly number[], flagged = false): Promise<TranslatedDocument> {
  return api.post(`${DOCUMENT}/retry`, { path: { translation_id }, body: { chunks: [...chunks], flagged } });
}

export function openResult(translation_id: string, which: "result" | "bilingual"): Promise<Response> {
  return api.fetch("get", `${DOCUMENT}/download`, { path: { translation_id }, query: { which } });
}

export function listSegments(translation_id: string, state: "flagged" | "failed", signal: AbortSignal): Promise<Page<Segment>> {
  return api.get(`${DOCUMENT}/segments`, { path: { translation_id }, query: { state }, signal });
}

export function changeSegment(translation_id: string, number: number, target: string): Promise<Segment> {
  return api.patch(`${DOCUMENT}/segments/{number}`, { path: { translation_id, number }, body: { target } });
}

export function rebuild(translation_id: string): Promise<TranslatedDocument> {
  return api.post(`${DOCUMENT}/rebuild`, { path: { translation_id } });
}
