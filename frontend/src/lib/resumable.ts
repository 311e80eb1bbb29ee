/** Files on their way to the server: small ones in one piece, large ones in pieces that go on where they broke. */
import { api, ApiError, readError } from "./api";
import type { Schemas, UploadedFile } from "./api";
import { uploadFile, whileBusy } from "./upload";
import type { UploadOptions } from "./upload";

const WHOLE_UP_TO = 8 * 1024 * 1024;
/** A server that answers no offset so often in a row for the same piece is not going to. */
const MOST_STALLS = 5;

export interface SendOptions extends UploadOptions {
  /** The same for the same file: begun twice, it is one upload. */
  clientId: string;
  /** An upload that was begun earlier. */
  uploadId?: string | null;
  /** To be kept, so that another visit can go on with it. */
  onStarted?: (uploadId: string) => Promise<void> | void;
}

type Upload = Schemas["UploadState"];

const UPLOAD = "/api/files/uploads/{upload_id}";

/** Rejects with an `ApiError` (code `network`: try again, what has gone has gone) or an `AbortError`. */
export async function sendFile(file: File, options: SendOptions): Promise<UploadedFile> {
  return file.size <= WHOLE_UP_TO ? uploadFile(file, options) : sendInPieces(file, options);
}

async function sendInPieces(file: File, options: SendOptions): Promise<UploadedFile> {
  const { signal, onProgress } = options;
  const upload = (await resumed(options.uploadId ?? null)) ?? (await begun(file, options));
  let { offset } = upload;
  onProgress(offset / file.size);
  for (let stalls = 0; offset < file.size;) {
    signal.throwIfAborted();
    const next = await sendPiece(upload.id, file.slice(offset, offset + upload.chunk_size), offset, signal);
    stalls = next > offset ? 0 : stalls + 1;
    if (stalls > MOST_STALLS) throw new ApiError("The upload does not go on", 0, "network");
    offset = next;
    onProgress(offset / file.size);
  }
  return whileBusy(() => api.post(`${UPLOAD}/complete`, { path: { upload_id: upload.id }, signal }), options);
}

/** Where the server is after a piece. It may have taken more of it, or less, than we know of. */
async function sendPiece(id: string, piece: Blob, offset: number, signal: AbortSignal): Promise<number> {
  const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) };
  const path = { upload_id: id };
  const response = await api.fetch("patch", UPLOAD, { path, headers, body: piece, signal });
  if (response.status === 409) return (await api.get(UPLOAD, { path })).offset;
  if (!response.ok) throw await readError(response);
  return Number(response.headers.get("Upload-Offset") ?? offset + piece.size);
}

/** Null when there is none, or the server has dropped it. */
async function resumed(id: string | null): Promise<Upload | null> {
  if (id === null) return null;
  try {
    return await api.get(UPLOAD, { path: { upload_id: id } });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

async function begun({ name, size }: File, { clientId, purpose, onStarted }: SendOptions): Promise<Upload> {
  const body = { name, size, purpose: purpose ?? "attachment", client_id: clientId };
  const upload = await api.post("/api/files/uploads", { body });
  await onStarted?.(upload.id);
  return upload;
}
