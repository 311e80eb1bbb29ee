/** The server, at the boundary that the client knows: `fetch`. Tests only. */
import { vi } from "vitest";

export type Handler = (request: Request) => Response | Promise<Response>;

/** A server in a function; every request that reaches it is kept. Routes are `METHOD /path?query`; all others are 404. */
export function serve(routes: Record<string, Handler>) {
  const seen: Request[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const request = new Request(new URL(path, "http://localhost"), init);
    init.signal?.throwIfAborted();
    seen.push(request.clone());
    const handler = routes[`${request.method} ${path}`];
    return handler ? handler(request) : new Response(null, { status: 404 });
  });
  return {
    seen,
    count: (path: string) => seen.filter((request) => new URL(request.url).pathname === path).length,
    /** The bodies that were sent to a path, in order. */
    bodies: (path: string): Promise<unknown[]> =>
      Promise.all(seen.filter((request) => new URL(request.url).pathname === path).map((request) => request.json())),
  };
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers });
}

/** A refusal as the server words it. */
export function refusal(status: number, code: string, more: Record<string, unknown> = {}): Response {
  return json({ error: `Refused: ${code}.`, code, request_id: "r-1", ...more }, status);
}
