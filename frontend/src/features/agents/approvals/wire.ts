/** A request of a function as the server shows it: built and signed, secrets masked. */
type Shown = Readonly<Record<string, unknown>>;

/** The request as it goes over the wire: its line, its headers, its body, to the letter. */
export function wireText(request: Shown): string {
  const { method = "POST", url = "", headers, body } = request as { method?: string; url?: string; headers?: unknown; body?: unknown };
  const lines = headerLines(headers);
  const sent = body === null || body === undefined || body === "" ? "" : `\n\n${typeof body === "string" ? body : JSON.stringify(body, null, 2)}`;
  return `${method} ${url}\n${lines.join("\n")}${sent}`.trimEnd();
}

/** A record, or pairs in the order they are sent in. */
function headerLines(headers: unknown): string[] {
  if (Array.isArray(headers)) return headers.map((pair) => (Array.isArray(pair) ? `${String(pair[0])}: ${String(pair[1])}` : String(pair)));
  if (typeof headers !== "object" || headers === null) return [];
  return Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
}
