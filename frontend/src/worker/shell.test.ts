import { afterEach, beforeEach, expect, it, vi } from "vitest";

const ORIGIN = "https://kintsugi.test";

vi.mock("./scope", () => ({
  release: { id: "new", entry: "assets/main-new.js", assets: ["/static/assets/main-new.js", "/static/icon.svg"] },
  worker: { location: { origin: "https://kintsugi.test" } },
}));

import { answer, dropOldReleases, keepRelease } from "./shell";

/** As much of the browser's store as the worker uses, in the order in which its parts were made. */
class Store {
  readonly parts = new Map<string, Map<string, Response>>();

  keys = () => Promise.resolve([...this.parts.keys()]);
  delete = (name: string) => Promise.resolve(this.parts.delete(name));

  open = (name: string) => {
    const part = this.parts.get(name) ?? new Map<string, Response>();
    this.parts.set(name, part);
    return Promise.resolve({
      addAll: async (paths: readonly string[]) => {
        for (const path of paths) part.set(path, await fetch(path));
      },
      put: (key: string | Request, response: Response) => Promise.resolve(void part.set(pathOf(key), response)),
      match: (key: string | Request) => Promise.resolve(part.get(pathOf(key))?.clone()),
    });
  };

  match = (key: string | Request) => {
    const found = [...this.parts.values()].map((part) => part.get(pathOf(key))).find((one) => one !== undefined);
    return Promise.resolve(found?.clone());
  };
}

const pathOf = (key: string | Request) => new URL(typeof key === "string" ? key : key.url, ORIGIN).pathname;
const page = (entry: string) => new Response(`<script src="/static/${entry}"></script>`);

let store: Store;
let served: Record<string, () => Response | Promise<Response>>;
const asked: string[] = [];

beforeEach(() => {
  store = new Store();
  asked.length = 0;
  served = {
    "/app": () => page("assets/main-new.js"),
    "/static/assets/main-new.js": () => new Response("new"),
    "/static/icon.svg": () => new Response("icon"),
  };
  vi.stubGlobal("caches", store);
  vi.stubGlobal("fetch", (key: string | Request) => {
    asked.push(pathOf(key));
    return Promise.resolve(served[pathOf(key)]?.() ?? new Response("gone", { status: 404 }));
  });
});

afterEach(() => void vi.useRealTimers());

function get(path: string, mode = "no-cors"): Promise<Response> | null {
  const request = { method: "GET", url: ORIGIN + path, mode } as Request;
  return answer({ request, preloadResponse: Promise.resolve(undefined) } as unknown as FetchEvent);
}

async function keptBefore(...names: string[]): Promise<void> {
  for (const name of names) await (await store.open(`kintsugi.shell.${name}`)).put(`/static/assets/Usage-${name}.js`, new Response(name));
}

it("keeps the release before its own, for pages that are open, and none that is older", async () => {
  await keptBefore("oldest", "older", "before");
  await store.open("kintsugi.shared");
  await keepRelease();
  await dropOldReleases();
  expect(await store.keys()).toEqual(["kintsugi.shell.before", "kintsugi.shared", "kintsugi.shell.new"]);
  // No server has it any more.
  expect(await (await get("/static/assets/Usage-before.js"))?.text()).toBe("before");
  expect((await get("/static/assets/Usage-older.js"))?.status).toBe(404);
});

it("takes over with a whole release only, whose page is its own", async () => {
  served["/app"] = () => page("assets/main-another.js");
  await expect(keepRelease()).rejects.toThrow("another release");
});

it("shows the server's page while there is one, and keeps it only if it is of this release", async () => {
  await keepRelease();
  served["/app/chat"] = () => page("assets/main-another.js");
  expect(await (await get("/app/chat", "navigate"))?.text()).toContain("main-another");
  expect(await (await store.match("/app"))?.text()).toContain("main-new");
});

it.each([
  ["is not there", () => Promise.reject(new TypeError("Failed to fetch"))],
  ["is in trouble", () => new Response("", { status: 502 })],
])("shows what is kept where the server %s", async (_, response) => {
  await keepRelease();
  served["/app/chat"] = response;
  expect(await (await get("/app/chat", "navigate"))?.text()).toContain("main-new");
});

it("waits four seconds for a page, and no longer", async () => {
  await keepRelease();
  vi.useFakeTimers();
  served["/app/chat"] = () => new Promise<Response>(() => undefined);
  const shown = vi.fn();
  void get("/app/chat", "navigate")?.then(shown);
  await vi.advanceTimersByTimeAsync(3_900);
  expect(shown).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(200);
  expect(shown).toHaveBeenCalledOnce();
});

it("asks nobody for what is named by its content and kept", async () => {
  await keepRelease();
  asked.length = 0;
  expect(await (await get("/static/assets/main-new.js"))?.text()).toBe("new");
  expect(asked).toEqual([]);
});

it.each(["/api/chats", "/pricing", "/static/admin/base.css", "/files/1"])("has nothing to do with %s", (path) => {
  expect(get(path)).toBeNull();
  expect(get("/pricing", "navigate")).toBeNull();
});
