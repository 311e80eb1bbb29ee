/** The endpoints of documents this client calls, one function each. */
import { api } from "@/lib/api";
import { sendFile } from "@/lib/upload";
import type { UploadOptions } from "@/lib/upload";

import type { Block, Citation, DocumentBrief, Export, Format, NewDocument, Outline, OutlineEntry, Page, PaperDocument, Preset, Quote, Requirements, Run, Section, Source } from "../shapes";

const ONE = "/api/documents/{document_id}";
const SECTION = `${ONE}/sections/{number}` as const;
const CITATION = `${ONE}/citations/{citation_id}` as const;
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

export function changeSection(document_id: string, number: number, content: readonly Block[], version: number): Promise<Section> {
  return api.patch(SECTION, { path: { document_id, number }, body: { content: [...content], version } }) as Promise<Section>;
}

/** Sentences by their index, from 0. */
export function takeBackStyle(document_id: string, number: number, revert: number[]): Promise<Section> {
  return api.post(`${SECTION}/style`, { path: { document_id, number }, body: { accept: [], revert } }) as Promise<Section>;
}

export function listSources(document_id: string, signal?: AbortSignal): Promise<Page<Source>> {
  return api.get(`${ONE}/sources`, { path: { document_id }, signal });
}

export async function addSource(document_id: string, doi: string): Promise<void> {
  await api.post(`${ONE}/sources`, { path: { document_id }, body: { doi } });
}

export async function excludeSource(document_id: string, source_id: string, excluded: boolean): Promise<void> {
  await api.patch(`${ONE}/sources/{source_id}`, { path: { document_id, source_id }, body: { excluded } });
}

export function listCitations(document_id: string, signal?: AbortSignal): Promise<Page<Citation>> {
  return api.get(`${ONE}/citations`, { path: { document_id }, signal });
}

export function overrideCitation(document_id: string, citation_id: string, reason: string): Promise<Citation> {
  return api.post(`${CITATION}/override`, { path: { document_id, citation_id }, body: { reason } });
}

/** Whoever asks has read the source. */
export function confirmCitation(document_id: string, citation_id: string): Promise<Citation> {
  return api.post(`${CITATION}/confirm`, { path: { document_id, citation_id } });
}

export function recheckCitation(document_id: string, citation_id: string): Promise<Citation> {
  return api.post(`${CITATION}/recheck`, { path: { document_id, citation_id } });
}

export function makeExport(document_id: string, format: Format, preset: Preset): Promise<Export> {
  const layout = preset === "" ? null : { preset };
  return api.post(`${ONE}/export`, { path: { document_id }, body: { format, layout, include_metadata: true, include_citations: true } });
}

export function openExport(document_id: string, format: Format): Promise<Response> {
  return api.fetch("get", `${ONE}/export/{format_name}`, { path: { document_id, format_name: format } });
}
