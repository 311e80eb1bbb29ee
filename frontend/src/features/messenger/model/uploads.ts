/** The file of a queued message on its way to the server; a large one goes on after a reload. */
import { ApiError } from "@/lib/api";
import { sendFile } from "@/lib/resumable";

import type { QueueEntry } from "./storage";

export interface UploadHooks {
  signal: AbortSignal;
  /** In bytes. */
  onProgress: (loaded: number) => void;
  /** To be kept, so that the next visit goes on with it. */
  onStarted: (uploadId: string) => Promise<void>;
}

/** Answers the id of the stored file. Rejects with an `ApiError` (code `network`: try again) or an `AbortError`. */
export async function uploadMedia(entry: QueueEntry, { signal, onProgress, onStarted }: UploadHooks): Promise<string> {
  const { file } = entry;
  if (file === null) throw new ApiError("The file is gone", 404, "not_found");
  const { blob, name } = file;
  const stored = await sendFile(new File([blob], name, { type: blob.type }), {
    signal,
    purpose: "message",
    clientId: entry.client_id,
    uploadId: entry.upload_id,
    onProgress: (share) => onProgress(Math.round(share * blob.size)),
    onStarted,
  });
  return stored.id;
}
