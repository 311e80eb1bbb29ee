/** Sending a file with progress, which `fetch` cannot report. */
import { ApiError, errorFromBody, refreshSession, session } from "./api";
import type { Schemas, UploadedFile } from "./api";
import { language } from "./i18n";

/** The server reads one file of a person at a time; another page of theirs may be sending too. */
const BUSY_FOR_MS = 3 * 60_000;
const BUSY_PAUSE_S = 1;

export interface UploadOptions {
  readonly signal: AbortSignal;
  /** From 0 to 1. */
  readonly onProgress: (share: number) => void;
  /** Other files of the same person are before this one; false when it is its turn again. */
  readonly onWaiting?: (waiting: boolean) => void;
  /** What it is for; an attachment of a chat when left out. */
  readonly purpose?: Schemas["PurposeEnum"];
}

/** Settles, and never rejects, when the file before is done with. */
let before: Promise<void> = Promise.resolve();
let ahead = 0;

/** One after another. Rejects with an `ApiError`, or an `AbortError` when `signal` aborts. */
export function uploadFile(file: File, options: UploadOptions): Promise<UploadedFile> {
  const waits = ahead > 0;
  ahead += 1;
  if (waits) options.onWaiting?.(true);
  const work = before.then(() => {
    options.signal.throwIfAborted();
    if (waits) options.onWaiting?.(false);
    const { purpose } = options;
    const send = () => sendFile("/api/files", { file, ...(purpose && { purpose }) }, options) as Promise<UploadedFile>;
    return whileBusy(send, options);
  });
  before = work.then(() => undefined, () => undefined).finally(() => (ahead -= 1));
  return Promise.race([work, aborted(options.signal)]);
}

/** A picture of a person or a group; answers the file's id. */
export async function uploadAvatar(file: File, options: UploadOptions): Promise<string> {
  return (await uploadFile(file, { ...options, purpose: "avatar" })).id;
}

/** Whoever is taken out of the queue hears of it at once. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new DOMException("The upload was given up", "AbortError")));
  });
}

/** Ask again for as long as the server says that another file of this person is being read. */
export async function whileBusy<T>(ask: () => Promise<T>, { signal, onWaiting }: UploadOptions): Promise<T> {
  const end = Date.now() + BUSY_FOR_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "busy" || Date.now() > end) throw error;
      onWaiting?.(true);
      await pause(Math.max(BUSY_PAUSE_S, error.retryAfter ?? 0) * 1000, signal);
      onWaiting?.(false);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("The upload was given up", "AbortError"));
    });
  });
}

type Fields = Readonly<Record<string, string | File>>;
type Following = Pick<UploadOptions, "signal" | "onProgress">;

/** A form with a file, at once; answers what the server says of it. Rejects as `uploadFile`. */
export async function sendFile(path: string, fields: Fields, options: Following): Promise<unknown> {
  const token = accessToken();
  try {
    return await send(path, fields, token, options);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    await refreshSession(token);
    return send(path, fields, accessToken(), options);
  }
}

function send(path: string, fields: Fields, token: string | null, { signal, onProgress }: Following): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    request.responseType = "json";
    request.open("POST", path);
    request.setRequestHeader("Accept-Language", language.value);
    if (token !== null) request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response);
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
