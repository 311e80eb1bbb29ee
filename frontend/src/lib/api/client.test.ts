import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { json, serve } from "../testing/serve";
import {
  api,
  ApiError,
  currentUser,
  forgetSession,
  isAbort,
  onFarewell,
  refreshSession,
  resumeSession,
  session,
  signOut,
} from ".";
import { address } from "./paths";
import type { AnyCall } from "./paths";

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

describe("api.fetch", () => {
  it("renews a refused token once for all requests, and sends them again", async () => {
    const server = serve({
      "POST /api/auth/refresh": grant,
      "GET /api/chats": (request) => (bearer(request) === "Bearer token-1" ? json({ ok: true }) : json({}, 401)),
    });
    signIn("stale");
    const answers = await Promise.all([api.fetch("get", "/api/chats"), api.fetch("get", "/api/chats")]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect(server.count("/api/auth/refresh")).toBe(1);
  });

  it("renews a token that is about to die before using it", async () => {
    const server = serve({ "POST /api/auth/refresh": grant, "GET /api/chats": () => json({}) });
    signIn("dying", Date.now() + 1000);
    await api.fetch("get", "/api/chats");
    expect(server.seen.map(bearer)).toEqual([null, "Bearer token-1"]);
  });

  it("answers the 401 and leaves a guest when there is nothing to renew with", async () => {
    const server = serve({
      "POST /api/auth/refresh": () => json({ error: "No.", code: "unauthenticated" }, 401),
      "GET /api/chats": () => json({ error: "Sign in.", code: "unauthenticated" }, 401),
    });
    signIn("stale");
    expect((await api.fetch("get", "/api/chats")).status).toBe(401);
    expect(server.count("/api/chats")).toBe(1);
    expect(session.value.status).toBe("guest");
  });

  it("does not try to renew for a guest", async () => {
    const server = serve({ "POST /api/auth/login": () => json({ error: "Invalid credentials" }, 401) });
    forgetSession();
    await api.fetch("post", "/api/auth/login", { body: { email: "a", password: "b", restore: false } });
    expect(server.seen).toHaveLength(1);
  });
});

describe("api", () => {
  beforeEach(() => signIn("good"));

  it("sends JSON and reads JSON", async () => {
    const server = serve({ "POST /api/chats": () => json({ id: "1" }, 201) });
    expect(await api.post("/api/chats", { body: { title: "Привіт" } })).toEqual({ id: "1" });
    expect(server.seen[0]?.headers.get("Content-Type")).toBe("application/json");
    expect(await server.seen[0]?.json()).toEqual({ title: "Привіт" });
  });

  it("lets the browser name the type of a form", async () => {
    const server = serve({ "POST /api/files": () => json({ id: "f" }, 201) });
    await api.post("/api/files", { body: new FormData() });
    expect(server.seen[0]?.headers.get("Content-Type")).toMatch(/^multipart\/form-data; boundary=/);
  });

  it("sends a piece of a file as it is", async () => {
    const server = serve({ "PATCH /api/files/uploads/u1": () => new Response(null, { status: 204 }) });
    const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": "3" };
    const path = { upload_id: "u1" };
    await api.patch("/api/files/uploads/{upload_id}", { path, headers, body: new Blob(["abc"]) });
    expect(await server.seen[0]?.text()).toBe("abc");
    expect(server.seen[0]?.headers.get("Content-Type")).toBe("application/offset+octet-stream");
  });

  it("reads the page after a page, and nothing after the last", async () => {
    const last = { results: [], next: null, previous: null };
    serve({
      "GET /api/chats": () => json({ ...last, next: "/api/chats?cursor=c" }),
      "GET /api/chats?cursor=c": () => json(last),
    });
    expect(await api.nextPage(await api.get("/api/chats"))).toEqual(last);
    expect(await api.nextPage(last)).toBeNull();
  });

  it("answers nothing for a 204", async () => {
    serve({ "DELETE /api/chats/1": () => new Response(null, { status: 204 }) });
    await expect(api.delete("/api/chats/{chat_id}", { path: { chat_id: "1" } })).resolves.toBeUndefined();
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

describe("an address", () => {
  it.each<[string, AnyCall, string]>([
    ["/api/chats", {}, "/api/chats"],
    ["/api/chats/{chat_id}", { path: { chat_id: "a/b?c" } }, "/api/chats/a%2Fb%3Fc"],
    ["/m/{message_id}/r/{emoji}", { path: { message_id: "1", emoji: "👍" } }, "/m/1/r/%F0%9F%91%8D"],
    ["/api/chats", { query: { archived: false, limit: 0 } }, "/api/chats?archived=false&limit=0"],
    ["/api/chats", { query: { search: "", cursor: undefined } }, "/api/chats"],
    ["/api/chats", { query: { search: "a&b = ї" } }, "/api/chats?search=a%26b+%3D+%D1%97"],
  ])("%s with %j is %s", (template, call, wanted) => {
    expect(address(template, call)).toBe(wanted);
  });

  it("is known to the compiler, with all it takes", () => {
    const wrong = () => [
      // @ts-expect-error no such address
      api.get("/api/chat"),
      // @ts-expect-error it knows no PUT
      api.put("/api/chats"),
      // @ts-expect-error its path has a parameter
      api.get("/api/chats/{chat_id}"),
      // @ts-expect-error which is called otherwise
      api.get("/api/chats/{chat_id}", { path: { id: "1" } }),
      // @ts-expect-error it needs a body
      api.post("/api/auth/login"),
      // @ts-expect-error of another shape
      api.post("/api/auth/login", { body: { email: "a" } }),
      // @ts-expect-error it takes no such query
      api.get("/api/chats", { query: { page: 2 } }),
      // @ts-expect-error it answers something else
      api.get("/api/config") satisfies Promise<{ nonsense: string }>,
    ];
    expect(wrong).toBeTypeOf("function");
  });
});

describe("an answer without a body", () => {
  it.each([202, 204])("is nothing (%i)", async (status) => {
    serve({ "POST /api/auth/magic-link": () => new Response(null, { status }) });
    signIn("token-a");
    await expect(api.post("/api/auth/magic-link", { body: { email: "a@example.org" } })).resolves.toBeUndefined();
  });
});

describe("signOut", () => {
  it("asks nothing in the name of who is leaving", async () => {
    let answer: (response: Response) => void = () => undefined;
    const server = serve({ "POST /api/auth/logout": () => new Promise((resolve) => (answer = resolve)) });
    signIn("token-a");
    const left = signOut("here");
    const late = api.get("/api/chats/{chat_id}", { path: { chat_id: "1" } }).catch((error: unknown) => error);
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
    const late = api.get("/api/chats/{chat_id}", { path: { chat_id: "1" } });
    expect(await left).toBeInstanceOf(ApiError);
    expect(await late).toEqual({ id: "1" });
    expect(server.count("/api/chats/1")).toBe(1);
    expect(session.value.status).toBe("signed-in");
  });

  it.each([
    ["which the answer told", "token-a"],
    ["as a page that began unasked hears first", ""],
  ])("is done when the session was over before, %s, and leaves nothing of who it was", async (_how, token) => {
    serve({
      "POST /api/auth/logout": () => new Response(null, { status: 401 }),
      "POST /api/auth/refresh": () => new Response(null, { status: 401 }),
    });
    const forgotten: string[] = [];
    onFarewell((userId) => forgotten.push(userId));
    signIn(token, token === "" ? 0 : undefined);
    await signOut("here");
    expect(session.value.status).toBe("guest");
    expect(forgotten).toEqual(["u"]);
  });
});
