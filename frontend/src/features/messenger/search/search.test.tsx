import { cleanup, fireEvent, render, screen, waitFor } from "@/lib/testing/library";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { setLanguage } from "@/lib/i18n";

import { message } from "../testing/people";
import { daysFit, NO_FILTERS, toQuery } from "./filters";
import { litParts } from "@/ui/litParts";
import { MessageSearch } from "./MessageSearch";

const fetched = vi.fn<(url: string) => Promise<Response>>();
const onOpen = vi.fn();

function answer(body: unknown, status = 200): Promise<Response> {
  return Promise.resolve(new Response(JSON.stringify(body), { status }));
}

const hit = (seq: number, content: string, highlights: [number, number][]) => ({
  message: message(seq, { content }),
  conversation: { id: "c-1", name: "Tea", type: "group" },
  highlights,
});

beforeEach(() => {
  setLanguage("en");
  vi.clearAllMocks();
  vi.stubGlobal("fetch", fetched);
});
afterEach(cleanup);

const show = (query = "tea") => render(<MessageSearch query={query} conversationId={null} onOpen={onOpen} />);

describe("the search", () => {
  it("lights up what was found, and leads to the message", async () => {
    fetched.mockImplementation(() => answer({ results: [hit(7, "More tea, please", [[5, 8]])], next: null, previous: null }));
    show();
    const row = await screen.findByRole("button", { name: /please/ });
    expect(row.querySelector("mark")?.textContent).toBe("tea");
    fireEvent.click(row);
    expect(onOpen).toHaveBeenCalledWith("c-1", 7);
    expect(fetched.mock.calls[0]?.[0]).toBe("/api/messenger/search?q=tea");
  });

  it("moves along the results by arrows", async () => {
    const results = [hit(2, "tea two", [[0, 3]]), hit(1, "tea one", [[0, 3]])];
    fetched.mockImplementation(() => answer({ results, next: null, previous: null }));
    show();
    const [first, second] = [await screen.findByRole("button", { name: /two/ }), screen.getByRole("button", { name: /one/ })];
    first.focus();
    fireEvent.keyDown(first, { key: "ArrowDown" });
    expect(document.activeElement).toBe(second);
    fireEvent.keyDown(second, { key: "Home" });
    expect(document.activeElement).toBe(first);
  });

  it("says so when nothing was found", async () => {
    fetched.mockImplementation(() => answer({ results: [], next: null, previous: null }));
    show("coffee");
    expect(await screen.findByText("No message has “coffee” in it.")).toBeTruthy();
  });

  it("tells what went wrong, and tries again", async () => {
    fetched.mockImplementationOnce(() => answer({ error: "Search is resting.", code: "busy" }, 503));
    show();
    expect(await screen.findByText("Search is resting.")).toBeTruthy();
    fetched.mockImplementation(() => answer({ results: [hit(7, "tea", [[0, 3]])], next: null, previous: null }));
    fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(screen.queryByText("Search is resting.")).toBeNull());
  });

  it("shows the next page below", async () => {
    fetched.mockImplementation((url) =>
      url.includes("cursor")
        ? answer({ results: [hit(1, "tea again", [])], next: null, previous: null })
        : answer({ results: [hit(7, "tea", [])], next: "/api/messenger/search?q=tea&cursor=x", previous: null }),
    );
    show();
    fireEvent.click(await screen.findByRole("button", { name: "Show more" }));
    expect(await screen.findByRole("button", { name: /tea again/ })).toBeTruthy();
    expect(screen.getAllByRole("listitem").length).toBe(2);
  });
});

describe("lights", () => {
  const text = (content: string, ...at: [number, number][]) =>
    litParts(content, at).map(({ text, lit }) => (lit ? `[${text}]` : text)).join("");

  it("are placed as JavaScript counts, behind emoji too", () => {
    expect(text("😀😀 чай", [5, 8])).toBe("😀😀 [чай]");
  });

  it("never cut an emoji in two", () => {
    const shown = text(`${"😀".repeat(200)}xtea${"😀".repeat(200)}`, [401, 404]);
    expect(shown).toMatch(/^…(😀)+x\[tea\](😀)+…$/u);
  });

  it("may touch, lie over each other, or be nonsense", () => {
    expect(text("abcdef", [1, 3], [2, 4], [4, 4], [5, 99], [-3, 0])).toBe("a[bcd]e[f]");
  });

  it("are found in a long text", () => {
    const long = `${"x".repeat(500)}tea${"y".repeat(500)}`;
    const shown = text(long, [500, 503]);
    expect(shown).toMatch(/^…x{40}\[tea\]y+…$/);
  });
});

describe("filters", () => {
  it("take whole days, the last one included", () => {
    const query = toQuery("tea", "c-1", { ...NO_FILTERS, after: "2026-01-31", before: "2026-01-31" });
    expect(query.conversation_id).toBe("c-1");
    const span = new Date(query.before ?? "").getTime() - new Date(query.after ?? "").getTime();
    expect(span).toBe(24 * 3600 * 1000);
    expect(query).not.toHaveProperty("type");
  });

  it("notice days in the wrong order", () => {
    expect(daysFit({ ...NO_FILTERS, after: "2026-02-01", before: "2026-01-31" })).toBe(false);
    expect(daysFit({ ...NO_FILTERS, after: "2026-02-01" })).toBe(true);
  });
});
