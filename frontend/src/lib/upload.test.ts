import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { session } from "./api";
import { uploadFile } from "./upload";

/** The server's end: one file of a user is read at a time. */
class OneAtATime {
  static reading: OneAtATime | null = null;
  static refused = 0;
  static sent: string[] = [];
  static most = 0;
  static atWork = 0;
  static refuse: (() => [number, object]) | null = null;
  upload: { onprogress?: (event: object) => void } = {};
  status = 0;
  response: unknown = null;
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;
  open = vi.fn();
  setRequestHeader = vi.fn();
  getResponseHeader = () => null;
  abort() {
    this.onabort?.();
  }

  send(body: FormData) {
    const { name } = body.get("file") as File;
    OneAtATime.sent.push(name);
    const refusal = OneAtATime.refuse?.() ?? null;
    if (refusal !== null) [this.status, this.response] = refusal;
    else if (OneAtATime.reading !== null) {
      OneAtATime.refused += 1;
      [this.status, this.response] = [429, { error: "Another file is being read.", code: "busy", retry_after: 1 }];
    } else {
      OneAtATime.reading = this;
      [this.status, this.response] = [201, { id: name }];
    }
    setTimeout(() => {
      if (OneAtATime.reading === this) OneAtATime.reading = null;
      this.onload?.();
    }, 300);
  }
}

beforeEach(() => {
  Object.assign(OneAtATime, { reading: null, refused: 0, sent: [], refuse: null });
  session.value = { status: "signed-in", user: {} as never, accessToken: "a", expiresAt: Infinity };
  vi.stubGlobal("XMLHttpRequest", OneAtATime);
  vi.useFakeTimers();
});

afterEach(() => vi.useRealTimers());

function upload(name: string, signal = new AbortController().signal) {
  const waits: boolean[] = [];
  const onWaiting = (waiting: boolean) => waits.push(waiting);
  const work = uploadFile(new File(["x"], name), { signal, onProgress: () => undefined, onWaiting });
  work.catch(() => undefined);
  return { work, waits };
}

it("sends files one after another, and says which of them wait", async () => {
  const [one, two, three] = [upload("one"), upload("two"), upload("three")];
  await vi.runAllTimersAsync();
  expect(await Promise.all([one.work, two.work, three.work])).toEqual([{ id: "one" }, { id: "two" }, { id: "three" }]);
  expect(OneAtATime.refused).toBe(0);
  expect(one.waits).toEqual([]);
  expect(three.waits).toEqual([true, false]);
});

it("waits while another page of the same person is sending", async () => {
  OneAtATime.reading = new OneAtATime();
  setTimeout(() => (OneAtATime.reading = null), 5_000);
  const { work, waits } = upload("one");
  await vi.runAllTimersAsync();
  expect(await work).toEqual({ id: "one" });
  expect(OneAtATime.refused).toBeGreaterThan(0);
  expect(waits[0]).toBe(true);
  expect(waits.at(-1)).toBe(false);
});

it("gives up on a server that stays busy for minutes", async () => {
  OneAtATime.reading = new OneAtATime();
  const { work } = upload("one");
  await vi.runAllTimersAsync();
  await expect(work).rejects.toMatchObject({ code: "busy" });
});

it("tells any other refusal at once, and goes on with the next", async () => {
  OneAtATime.refuse = () => [429, { error: "Too many.", code: "rate_limited", retry_after: 1 }];
  const one = upload("one");
  await vi.advanceTimersByTimeAsync(300);
  await expect(one.work).rejects.toMatchObject({ code: "rate_limited" });
  OneAtATime.refuse = null;
  const two = upload("two");
  await vi.runAllTimersAsync();
  expect(await two.work).toEqual({ id: "two" });
  expect(OneAtATime.sent).toEqual(["one", "two"]);
});

it("does not send what was taken out while it waited", async () => {
  const one = upload("one");
  const abort = new AbortController();
  const two = upload("two", abort.signal);
  abort.abort();
  const three = upload("three");
  await vi.runAllTimersAsync();
  await expect(two.work).rejects.toMatchObject({ name: "AbortError" });
  expect(await one.work).toEqual({ id: "one" });
  expect(await three.work).toEqual({ id: "three" });
  expect(OneAtATime.sent).toEqual(["one", "three"]);
});
