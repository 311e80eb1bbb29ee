import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import {
  api,
  ApiError,
  authorizedFetch,
  currentUser,
  forgetSession,
  isAbort,
  refreshSession,
  resumeSession,
  session,
  signOut,
} from ".";

type Handler = (request: Request) => Response | Promise<Response>;

/** A server in a function; every request that reaches it is kept. */
function serve(routes: Record<string, Handler>) {
  const seen: Request[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const request = new Request(new URL(path, "http://localhost"), init);
    init.signal?.throwIfAborted();
    seen.push(request);
    const handler = routes[`${request.method} ${path}`];
    return handler ? handler(request) : new Response(null, { status: 404 });
  });
  return {
    seen,
    count: (path: string) => seen.filter((request) => new URL(request.url).pathname === path).length,
  };
}

function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers });
}

let issued = 0;

function grant(): Response {
  issued += 1;
  return json({ user: { id: "u", username: "alice" }, access_token: `token-${issued}`, expires_in: 900 });
}

function signIn(accessToken: string, expiresAt = Date.now() + 900_000): void {
  session.value = { status: "signed-in", user: { id: "u", username: "alice" } as never, accessToken, expiresAt };
}

function bearer(request: Request): string | null {
  return request.headers.get("Authorization");
}

beforeEach(() => {
  issued = 0;
  session.value = { status: "starting" };
  localStorage.clear();
});

afterEach(() => vi.useRealTimers());

describe("refreshSession", () => {
  it("signs in by cookie, with the header that guards it and without a body", async () => {
    const server = serve({ "POST /api/auth/refresh": grant });
    await refreshSession(null);
    expect(currentUser.value?.username).toBe("alice");
    expect(server.seen[0]?.headers.get("X-Requested-With")).toBe("kintsugi");
    expect(await server.seen[0]?.text()).toBe("");
  });

  it("asks once, however many wait for it", async () => {
    const server = serve({ "POST /api/auth/refresh": grant });
    await Promise.all([refreshSession(null), refreshSession(null), refreshSession(null)]);
    expect(server.count("/api/auth/refresh")).toBe(1);
  });

  it("does not ask when somebody renewed the token meanwhile", async () => {
    const server = serve({ "POST /api/auth/refresh": grant });
    signIn("newer");
    await refreshSession("older");
    expect(server.seen).toHaveLength(0);
  });

  it("waits for another tab and takes the token that tab got", async () => {
    const server = serve({ "POST /api/auth/refresh": grant });
    vi.stubGlobal("navigator", {
      locks: {
        request: async (_name: string, work: () => Promise<void>) => {
          signIn("from the other tab");
          await work();
        },
      },
    });
    await refreshSession(null);
    expect(server.seen).toHaveLength(0);
    expect(session.value).toMatchObject({ accessToken: "from the other tab" });
  });

  it("makes a guest of one whose cookie is no good", async () => {
    serve({ "POST /api/auth/refresh": () => json({ error: "No.", code: "unauthenticated" }, 401) });
    await refreshSession(null);
    expect(session.value.status).toBe("guest");
  });

  it.each([429, 503])("signs nobody out for a %s", async (status) => {
    serve({ "POST /api/auth/refresh": () => json({ error: "Later.", code: "later" }, status) });
    signIn("good");
    await expect(refreshSession("good")).rejects.toMatchObject({ status });
    expect(session.value.status).toBe("signed-in");
  });

  it("says when the server is out of reach", async () => {
    serve({
      "POST /api/auth/refresh": () => {
        throw new TypeError("Failed to fetch");
      },
    });
    await expect(refreshSession(null)).rejects.toMatchObject({ status: 0, code: "network" });
  });
});

describe("resumeSession", () => {
  it("asks nothing for a newcomer", async () => {
    const server = serve({});
    await resumeSession();
    expect(session.value.status).toBe("guest");
    expect(server.seen).toHaveLength(0);
  });

  it("finds the session that was left here", async () => {
    serve({ "POST /api/auth/refresh": grant });
    await refreshSession(null);
    session.value = { status: "starting" };
    await resumeSession();
    expect(session.value.status).toBe("signed-in");
  });

  it("asks nothing after signing out, nor twice about a cookie that is no good", async () => {
    const server = serve({ "POST /api/auth/refresh": () => json({ error: "No.", code: "session_ended" }, 401) });
    localStorage.setItem("kintsugi.session", "yes");
    await resumeSession();
    await resumeSession();
    expect(session.value.status).toBe("guest");
    expect(server.seen).toHaveLength(1);
  });
});

describe("authorizedFetch", () => {
  it("renews a refused token once for all requests, and sends them again", async () => {
    const server = serve({
      "POST /api/auth/refresh": grant,
      "GET /api/chats": (request) => (bearer(request) === "Bearer token-1" ? json({ ok: true }) : json({}, 401)),
    });
    signIn("stale");
    const answers = await Promise.all([authorizedFetch("/api/chats"), authorizedFetch("/api/chats")]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect(server.count("/api/auth/refresh")).toBe(1);
  });

  it("renews a token that is about to die before using it", async () => {
    const server = serve({ "POST /api/auth/refresh": grant, "GET /api/chats": () => json({}) });
    signIn("dying", Date.now() + 1000);
    await authorizedFetch("/api/chats");
    expect(server.seen.map(bearer)).toEqual([null, "Bearer token-1"]);
  });

  it("answers the 401 and leaves a guest when there is nothing to renew with", async () => {
    const server = serve({
      "POST /api/auth/refresh": () => json({ error: "No.", code: "unauthenticated" }, 401),
      "GET /api/chats": () => json({ error: "Sign in.", code: "unauthenticated" }, 401),
    });
    signIn("stale");
    expect((await authorizedFetch("/api/chats")).status).toBe(401);
    expect(server.count("/api/chats")).toBe(1);
    expect(session.value.status).toBe("guest");
  });

  it("does not try to renew for a guest", async () => {
    const server = serve({ "POST /api/auth/login": () => json({ error: "Invalid credentials" }, 401) });
    forgetSession();
    await authorizedFetch("/api/auth/login", { method: "POST" });
    expect(server.seen).toHaveLength(1);
  });
});

describe("api", () => {
  beforeEach(() => signIn("good"));

  it("sends JSON and reads JSON", async () => {
    const server = serve({ "POST /api/chats": () => json({ id: "1" }, 201) });
    expect(await api.post<{ id: string }>("/api/chats", { title: "Привіт" })).toEqual({ id: "1" });
    expect(server.seen[0]?.headers.get("Content-Type")).toBe("application/json");
    expect(await server.seen[0]?.json()).toEqual({ title: "Привіт" });
  });

  it("lets the browser name the type of a form", async () => {
    const server = serve({ "POST /api/files": () => json({ id: "f" }, 201) });
    await api.post("/api/files", new FormData());
    expect(server.seen[0]?.headers.get("Content-Type")).toMatch(/^multipart\/form-data; boundary=/);
  });

  it("answers nothing for a 204", async () => {
    serve({ "DELETE /api/chats/1": () => new Response(null, { status: 204 }) });
    await expect(api.delete("/api/chats/1")).resolves.toBeUndefined();
  });

  it("throws what the server said", async () => {
    const body = {
      error: "Token limit exceeded",
      code: "token_limit_exceeded",
      limit: 100,
      used: 100,
      details: { content: ["Too long."] },
      retry_after: 60,
    };
    serve({ "GET /api/chats": () => json(body, 429) });
    const error = await api.get("/api/chats").catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      message: "Token limit exceeded",
      status: 429,
      code: "token_limit_exceeded",
      details: { content: ["Too long."] },
      retryAfter: 60,
      context: { limit: 100, used: 100 },
    });
  });

  it("takes Retry-After from the header when the body has none", async () => {
    serve({ "GET /api/chats": () => json({ error: "Slow down." }, 429, { "Retry-After": "7" }) });
    await expect(api.get("/api/chats")).rejects.toMatchObject({ retryAfter: 7 });
  });

  it("does not choke on an answer that is not the house's", async () => {
    serve({ "GET /api/chats": () => new Response("<h1>Bad gateway</h1>", { status: 502 }) });
    await expect(api.get("/api/chats")).rejects.toMatchObject({ status: 502, code: "bad_response" });
  });

  it("leaves an abort an abort", async () => {
    serve({ "GET /api/chats": () => json({}) });
    await expect(api.get("/api/chats", { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("an answer without a body", () => {
  it.each([202, 204])("is nothing (%i)", async (status) => {
    serve({ "POST /api/auth/magic-link": () => new Response(null, { status }) });
    signIn("token-a");
    await expect(api.post<unknown>("/api/auth/magic-link", { email: "a@example.org" })).resolves.toBeUndefined();
  });
});

describe("signOut", () => {
  it("asks nothing in the name of who is leaving", async () => {
    let answer: (response: Response) => void = () => undefined;
    const server = serve({ "POST /api/auth/logout": () => new Promise((resolve) => (answer = resolve)) });
    signIn("token-a");
    const left = signOut("here");
    const late = api.get("/api/chats/1").catch((error: unknown) => error);
    await vi.waitFor(() => expect(server.seen).toHaveLength(1));
    answer(new Response(null, { status: 204 }));
    await left;
    expect(isAbort(await late)).toBe(true);
    expect(server.count("/api/chats/1")).toBe(0);
    expect(session.value.status).toBe("guest");
  });

  it("goes on with what waited when the server could not do it", async () => {
    const server = serve({
      "POST /api/auth/logout": () => new Response(null, { status: 503 }),
      "GET /api/chats/1": () => json({ id: "1" }),
    });
    signIn("token-a");
    const left = signOut("here").catch((error: unknown) => error);
    const late = api.get("/api/chats/1");
    expect(await left).toBeInstanceOf(ApiError);
    expect(await late).toEqual({ id: "1" });
    expect(server.count("/api/chats/1")).toBe(1);
    expect(session.value.status).toBe("signed-in");
  });

  it("is done when the session was over before", async () => {
    serve({
      "POST /api/auth/logout": () => new Response(null, { status: 401 }),
      "POST /api/auth/refresh": () => new Response(null, { status: 401 }),
    });
    signIn("token-a");
    await signOut("here");
    expect(session.value.status).toBe("guest");
  });
});
