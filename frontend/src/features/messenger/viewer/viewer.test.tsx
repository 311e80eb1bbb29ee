import { signal } from "@preact/signals";
import { cleanup, fireEvent, render, screen, waitFor } from "@/lib/testing/library";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { setLanguage } from "@/lib/i18n";

import { MessengerContext } from "../context";
import type { ShownMessage } from "../model";
import { fakeMessenger, fakeView } from "../testing/fake";
import { conversation, media, message } from "../testing/people";
import { Gallery } from "./gallery";
import { MediaViewer } from "./MediaViewer";
import { keepInside, WHOLE, zoomAt } from "./zoom";

const fetched = vi.fn<(url: string) => Promise<Response>>();

const photo = (seq: number) =>
  message(seq, { message_type: "image", content: `Photo ${seq}`, media: media({ id: `f-${seq}` }) });
const video = (seq: number) =>
  message(seq, { message_type: "video", content: "", media: media({ id: `f-${seq}`, kind: "video" }) });

/** Two kinds of media, one page each of `size`, newest first, the next by its cursor. */
function serve(all: readonly ShownMessage[], size = 2) {
  fetched.mockImplementation((url) => {
    const query = new URL(url, "http://here").searchParams;
    const start = Number(query.get("cursor") ?? 0);
    const kind = query.get("kind");
    const list = all.filter((one) => one.message_type === kind).reverse();
    const next = start + size < list.length ? `/api/media?kind=${kind ?? ""}&cursor=${start + size}` : null;
    const body = { results: list.slice(start, start + size), next, previous: null };
    return Promise.resolve(new Response(JSON.stringify(body)));
  });
}

beforeEach(() => {
  setLanguage("en");
  vi.stubGlobal("fetch", fetched);
});
afterEach(cleanup);

describe("the gallery", () => {
  const history = [photo(1), video(2), photo(3), photo(4), video(5), photo(6), photo(7)];

  it("finds the neighbours of an old photo, in order, both kinds", async () => {
    serve(history);
    const gallery = new Gallery("c-1", photo(3), signal([photo(7)]));
    await gallery.reach(3);
    const seqs = gallery.items.value.map((item) => item.seq);
    expect(seqs.slice(seqs.indexOf(3) - 1, seqs.indexOf(3) + 2)).toEqual([2, 3, 4]);
  });

  it("stops asking at the beginning of the conversation", async () => {
    serve(history);
    const gallery = new Gallery("c-1", photo(1), signal([]));
    await gallery.reach(1);
    expect(gallery.items.value.map((item) => item.seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const asked = fetched.mock.calls.length;
    await gallery.reach(1);
    expect(fetched.mock.calls.length).toBe(asked);
  });

  it("drops what was deleted meanwhile", async () => {
    serve(history);
    const loaded = signal<readonly ShownMessage[]>([photo(7)]);
    const gallery = new Gallery("c-1", photo(6), loaded);
    await gallery.reach(6);
    expect(gallery.items.value.some((item) => item.seq === 7)).toBe(true);
    loaded.value = [{ ...photo(7), is_deleted: true, media: null }];
    expect(gallery.items.value.some((item) => item.seq === 7)).toBe(false);
  });
});

describe("the viewer", () => {
  function show(first = photo(2)) {
    const all = [photo(1), photo(2), photo(3)];
    serve(all);
    const view = fakeView(conversation(), all);
    const calls = { onClose: vi.fn(), onForward: vi.fn(), onJump: vi.fn() };
    render(
      <MessengerContext.Provider value={fakeMessenger([view])}>
        <MediaViewer conversationId="c-1" message={first} {...calls} />
      </MessengerContext.Provider>,
    );
    return calls;
  }
  const shown = () => screen.getByRole("img").getAttribute("alt");

  it("walks to the neighbours by arrows and stops at the ends", async () => {
    show();
    expect(shown()).toBe("Photo 2");
    fireEvent.keyDown(screen.getByRole("dialog"), { key: "ArrowRight" });
    await waitFor(() => expect(shown()).toBe("Photo 3"));
    fireEvent.keyDown(screen.getByRole("dialog"), { key: "ArrowRight" });
    expect(shown()).toBe("Photo 3");
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "The next one" }).disabled).toBe(true);
  });

  it("closes on Escape, and before it forwards", () => {
    const { onClose, onForward } = show();
    fireEvent(screen.getByRole("dialog"), new Event("cancel", { cancelable: true }));
    expect(onClose).toHaveBeenCalledTimes(1);
    fireEvent.click(screen.getByRole("button", { name: "Forward" }));
    expect(onForward).toHaveBeenCalledWith(expect.objectContaining({ id: "m-2" }));
  });

  it("says so when the file cannot be shown", async () => {
    show();
    fireEvent.error(screen.getByRole("img"));
    expect(await screen.findByText(/cannot be shown/)).toBeTruthy();
  });
});

describe("zooming", () => {
  it("keeps the point under the finger", () => {
    const point = { x: 50, y: -20 };
    const place = zoomAt(WHOLE, 2, point);
    // The spot of the picture that was under the point is still there.
    expect((point.x - place.x) / place.scale).toBe(50);
    expect((point.y - place.y) / place.scale).toBe(-20);
  });

  it("has a smallest and a largest size", () => {
    expect(zoomAt(WHOLE, 0.1, { x: 0, y: 0 }).scale).toBe(1);
    expect(zoomAt(WHOLE, 100, { x: 0, y: 0 }).scale).toBe(6);
  });

  it("never shows the room behind an edge of a larger picture", () => {
    const size = { width: 100, height: 50 };
    expect(keepInside({ scale: 2, x: 500, y: 500 }, size, { width: 100, height: 100 })).toEqual({ scale: 2, x: 50, y: 0 });
    expect(keepInside({ scale: 1, x: 9, y: -9 }, size, { width: 100, height: 100 })).toEqual(WHOLE);
  });
});
