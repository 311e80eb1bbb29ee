/** Every failed call becomes one of these; nothing else leaves `lib/api` but an `AbortError`. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    message: string,
    /** HTTP status; 0 when the server was not reached. */
    readonly status: number,
    /** The server's snake_case code, or `network` / `bad_response` for what never came from it. */
    readonly code: string,
    /** Messages by field name, for forms. */
    readonly details: Readonly<Record<string, readonly string[]>> = {},
    /** Seconds until it makes sense to try again. */
    readonly retryAfter: number | null = null,
    /** Whatever else the error carried, such as `limit`, `used` and `reset_at`. */
    readonly context: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** Read the house error body of a response that is not ok. */
export async function readError(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  return errorFromBody(body, response.status, response.headers.get("Retry-After"));
}

/** The same for a body that came another way, such as an `event: error` frame of a stream. */
export function errorFromBody(body: unknown, status: number, retryHeader: string | null = null): ApiError {
  if (!isErrorBody(body)) {
    return new ApiError(`HTTP ${status}`, status, "bad_response", {}, seconds(retryHeader));
  }
  const { error, code, details, retry_after: retryAfter, ...context } = body;
  return new ApiError(
    error,
    status,
    typeof code === "string" ? code : "error",
    isRecord(details) ? messagesByField(details) : {},
    seconds(retryAfter) ?? seconds(retryHeader),
    context,
  );
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

function messagesByField(details: Record<string, unknown>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(details).map(([field, messages]) => [field, asMessages(messages)]));
}

function asMessages(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map(String);
}

function seconds(value: unknown): number | null {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

function isErrorBody(body: unknown): body is Record<string, unknown> & { error: string } {
  return isRecord(body) && typeof body.error === "string";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
