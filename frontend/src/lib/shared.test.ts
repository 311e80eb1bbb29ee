import { beforeEach, expect, test, vi } from "vitest";

import { readShared } from "./shared";

/** Not by its name: the worker is a program of its own, whose types are not the page's. */
const WORKER = "../worker/share";
const kept = new Map<string, Response>();
let isFull = false;

const cache = {
  keys: () => Promise.resolve([...kept.keys()].map((path) => ({ url: new URL(path, window.location.origin).href }))),
  match: (path: string) => Promise.resolve(kept.get(path)?.clone()),
  put: (path: string, response: Response) => {
    if (isFull && path !== "/app/share") return Promise.reject(new DOMException("no room", "QuotaExceededError"));
    kept.set(path, response);
    return Promise.resolve();
  },
  delete: (key: string | { url: string }) => Promise.resolve(kept.delete(typeof key === "string" ? key : new URL(key.url).pathname)),
};

beforeEach(() => {
  kept.clear();
  isFull = false;
  vi.stubGlobal("__RELEASE__", { id: "a", entry: "", assets: [] });
  vi.stubGlobal("caches", { open: () => Promise.resolve(cache) });
});

async function share(text: string, file: File): Promise<string> {
  const { shared } = (await import(WORKER)) as { shared: (request: Request) => Promise<Response> | null };
  const form = new FormData();
  form.set("text", text);
  form.append("files", file);
  const request = { method: "POST", url: `${window.location.origin}/app/share`, formData: () => Promise.resolve(form) };
  vi.spyOn(Response, "redirect").mockImplementation((url) => ({ headers: new Headers({ Location: String(url) }) }) as Response);
  const answer = await shared(request as unknown as Request);
  return answer?.headers.get("Location") ?? "";
}

test("what was shared last waits, and nothing of what was shared before it", async () => {
  await share("one", new File(["1"], "one.txt", { type: "text/plain" }));
  expect(await share("two", new File(["2"], "two.txt", { type: "text/plain" }))).toBe("/app/share");
  const found = await readShared();
  expect(found?.text).toBe("two");
  expect(await found?.files[0]?.text()).toBe("2");
  expect(kept.size).toBe(2);
});

test("where there is no room the page says so, and what waited still waits", async () => {
  await share("one", new File(["1"], "one.txt", { type: "text/plain" }));
  isFull = true;
  expect(await share("two", new File(["2"], "two.txt", { type: "text/plain" }))).toBe("/app/share?failed=1");
  const found = await readShared();
  expect([found?.text, await found?.files[0]?.text()]).toEqual(["one", "1"]);
});
