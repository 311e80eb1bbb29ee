/** Sending a file with progress, which `fetch` cannot report. */
import { ApiError, errorFromBody, refreshSession, session } from "./api";
import type { UploadedFile } from "./api";
import { language } from "./i18n";

export interface UploadOptions {
  readonly signal: AbortSignal;
  /** From 0 to 1. */
  readonly onProgress: (share: number) => void;
  /** What it is for; an attachment of a chat when left out. */
  readonly purpose?: "attachment" | "avatar" | "story" | "message";
}

/** Rejects with an `ApiError`, or an `AbortError` when `signal` aborts. */
export async function uploadFile(file: File, options: UploadOptions): Promise<UploadedFile> {
  const token = accessToken();
  try {
    return await send(file, token, options);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    await refreshSession(token);
    return send(file, accessToken(), options);
  }
}

function send(file: File, token: string | null, { signal, onProgress, purpose }: UploadOptions): Promise<UploadedFile> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file);
    if (purpose !== undefined) body.append("purpose", purpose);
    request.responseType = "json";
    request.open("POST", "/api/files");
    request.setRequestHeader("Accept-Language", language.value);
    if (token !== null) request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status === 201) resolve(request.response as UploadedFile);
      else reject(errorFromBody(request.response, request.status, request.getResponseHeader("Retry-After")));
    };
    request.onerror = () => reject(new ApiError("The upload failed", 0, "network"));
    request.onabort = () => reject(new DOMException("The upload was given up", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

function accessToken(): string | null {
  return session.value.status === "signed-in" ? session.value.accessToken : null;
}
