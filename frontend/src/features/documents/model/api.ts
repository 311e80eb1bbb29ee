/** The endpoints of documents this client calls, one function each. */
import { api } from "@/lib/api";
import { sendFile } from "@/lib/upload";
import type { UploadOptions } from "@/lib/upload";

import type { Block, Citation, Colour, DocumentBrief, Export, Format, NewDocument, Outline, OutlineEntry, Page, PaperDocument, Quote, Requirements, Run, Section, Source } from "../shapes";

const ONE = "/api/documents/{document_id}";
const SECTION = `${ONE}/sections/{number}` as const;
const JOB = "/api/jobs/{job_id}";

export function listDocuments(signal: AbortSignal): Promise<Page<DocumentBrief>> {
  return api.get("/api/documents", { signal });
}

export function createDocument(body: NewDocument): Promise<PaperDocument> {
  return api.post("/api/documents", { body: { model: "", ...body } });
}

export function readDocument(document_id: string, signal?: AbortSignal): Promise<PaperDocument> {
  return api.get(ONE, { path: { document_id }, signal });
}

export function changeDocument(document_id: string, body: Omit<NewDocument, "client_id">): Promise<PaperDocument> {
  return api.patch(ONE, { path: { document_id }, body });
}

export function deleteDocument(document_id: string): Promise<void> {
  return api.delete(ONE, { path: { document_id } });
}

export function uploadRequirements(document_id: string, file: File, options: Pick<UploadOptions, "signal" | "onProgress">): Promise<Requirements> {
  return sendFile(`/api/documents/${document_id}/custom-requirements/upload`, { file }, options) as Promise<Requirements>;
}

/** Answers when it has begun; the document tells when it is there. */
export function makeOutline(document_id: string): Promise<Run> {
  return api.post("/api/generate/outline", { body: { document_id } });
}

export function saveOutline(document_id: string, sections: OutlineEntry[], version: number): Promise<Outline> {
  return api.put(`${ONE}/outline`, { path: { document_id }, body: { sections, version } });
}

export function writeSection(document_id: string, section_index: number): Promise<Run> {
  return api.post("/api/generate/section", { body: { document_id, section_index } });
}

export function askQuote(document_id: string): Promise<Quote> {
  return api.post(`${ONE}/quote`, { path: { document_id } });
}

export function startWriting(document_id: string, quote_digest: string, client_id: string): Promise<Run> {
  return api.post("/api/jobs/generate/document-async", { body: { document_id, quote_digest, client_id } });
}

export async function steer(job_id: string, what: "pause" | "resume" | "cancel"): Promise<void> {
  await api.post(`${JOB}/${what}`, { path: { job_id } });
}

export function readSection(document_id: string, number: number, signal?: AbortSignal): Promise<Section> {
  return api.get(SECTION, { path: { document_id, number }, signal }) as Promise<Section>;
}

// The schema does not have these addresses yet: their answers are trusted to be of the shapes above.
interface Call {
  path?: Record<string, string | number>;
  query?: Record<string, unknown>;
  body?: unknown;
  signal?: AbortSignal | undefined;
}
type Untyped = Record<"get" | "post" | "put" | "patch" | "delete", <T>(path: string, call?: Call) => Promise<T>>;
const server = api as unknown as Untyped;

export function changeSection(document_id: string, number: number, content: readonly Block[], version: number): Promise<Section> {
  return server.patch(SECTION, { path: { document_id, number }, body: { content, version } });
}

/** Sentences by their index, from 0. */
export function takeBackStyle(document_id: string, number: number, revert: readonly number[]): Promise<Section> {
  return server.post(`${SECTION}/style`, { path: { document_id, number }, body: { accept: [], revert } });
}

export function listSources(document_id: string, signal?: AbortSignal): Promise<Page<Source>> {
  return server.get(`${ONE}/sources`, { path: { document_id }, signal });
}

export function addSource(document_id: string, doi: string): Promise<Source> {
  return server.post(`${ONE}/sources`, { path: { document_id }, body: { doi } });
}

export function excludeSource(document_id: string, source_id: string, excluded: boolean): Promise<Source> {
  return server.patch(`${ONE}/sources/{source_id}`, { path: { document_id, source_id }, body: { excluded } });
}

export function listCitations(document_id: string, lamp: Colour | null, signal?: AbortSignal): Promise<Page<Citation>> {
  return server.get(`${ONE}/citations`, { path: { document_id }, ...(lamp !== null && { query: { lamp } }), signal });
}

export function overrideCitation(document_id: string, citation_id: string, reason: string): Promise<Citation> {
  return server.post(`${ONE}/citations/{citation_id}/override`, { path: { document_id, citation_id }, body: { reason } });
}

export function recheckCitation(document_id: string, citation_id: string): Promise<Citation> {
  return server.post(`${ONE}/citations/{citation_id}/recheck`, { path: { document_id, citation_id } });
}

/** `layout` is the name of a preset; null: the document's own. */
export function makeExport(document_id: string, format: Format, layout: string | null): Promise<Export> {
  return server.post(`${ONE}/export`, { path: { document_id }, body: { format, ...(layout !== null && { layout }) } });
}

export function openExport(document_id: string, format: Format): Promise<Response> {
  return (api.fetch as unknown as (method: string, path: string, call: Call) => Promise<Response>)("get", `${ONE}/export/{format}`, { path: { document_id, format } });
}
