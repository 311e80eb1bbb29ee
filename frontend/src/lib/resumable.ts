/** Files on their way to the server: small ones in one piece, large ones in pieces that go on where they broke. */
import { api, ApiError, authorizedFetch, readError } from "./api";
import type { UploadedFile } from "./api";
import { uploadFile } from "./upload";
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

interface Upload {
  id: string;
  offset: number;
  chunk_size: number;
}

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
  return api.post(`${addressOf(upload.id)}/complete`, undefined, { signal });
}

/** Where the server is after a piece. It may have taken more of it, or less, than we know of. */
async function sendPiece(id: string, piece: Blob, offset: number, signal: AbortSignal): Promise<number> {
  const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) };
  const response = await authorizedFetch(addressOf(id), { method: "PATCH", headers, body: piece, signal });
  if (response.status === 409) return (await api.get<Upload>(addressOf(id))).offset;
  if (!response.ok) throw await readError(response);
  return Number(response.headers.get("Upload-Offset") ?? offset + piece.size);
}

/** Null when there is none, or the server has dropped it. */
async function resumed(id: string | null): Promise<Upload | null> {
  if (id === null) return null;
  try {
    return await api.get<Upload>(addressOf(id));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

async function begun({ name, size }: File, { clientId, purpose, onStarted }: SendOptions): Promise<Upload> {
  const upload = await api.post<Upload>("/api/files/uploads", { name, size, purpose, client_id: clientId });
  await onStarted?.(upload.id);
  return upload;
}

function addressOf(id: string): string {
  return `/api/files/uploads/${encodeURIComponent(id)}`;
}
