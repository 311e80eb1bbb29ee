import { cleanup, fireEvent, render, screen, waitFor } from "@/lib/testing/library";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { setLanguage } from "@/lib/i18n";
import { json, refusal, serve } from "@/lib/testing/serve";

import type { TranslatedDocument } from "../shapes";
import { chunk, offer, translatedDocument } from "../testing/shapes";
import { ChunkGrid } from "./ChunkGrid";
import { Failed } from "./Failed";
import { QuoteCard } from "./QuoteCard";

const DOCUMENT = "/api/translation/documents/d1";
const onChanged = vi.fn();

beforeEach(() => {
  setLanguage("en");
  onChanged.mockReset();
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function quoted(change: Partial<NonNullable<TranslatedDocument["quote"]>> = {}): TranslatedDocument {
  const { quote } = translatedDocument();
  if (quote === null) throw new TypeError("It has a quote");
  return translatedDocument({ quote: { ...quote, ...change } });
}

const button = (name: RegExp) => screen.getByRole<HTMLButtonElement>("button", { name });

describe("a quote", () => {
  it("shows all offers, and starts the one that was chosen for its own price", async () => {
    const server = serve({ [`POST ${DOCUMENT}/start`]: () => json({}, 202) });
    const whole = offer({ digest: "d-2", path: "native", billed_chars: 50_000, chunk_count: 28, cost: "1.4000" });
    render(<QuoteCard document={quoted({ others: [offer(), whole] })} onChanged={onChanged} />);
    expect(button(/^Translate for \$0\.15$/)).toBeTruthy();
    expect(screen.getByText(/billed as 50,000 characters/)).toBeTruthy();
    fireEvent.click(screen.getByRole("radio", { name: /anew/ }));
    fireEvent.click(button(/^Translate for \$1\.40$/));
    await waitFor(() => expect(onChanged).toHaveBeenCalled());
    expect(await server.bodies(`${DOCUMENT}/start`)).toEqual([{ quote_digest: "d-2" }]);
  });

  it("says that nothing began when the price has changed meanwhile", async () => {
    serve({ [`POST ${DOCUMENT}/start`]: () => refusal(409, "quote_changed") });
    render(<QuoteCard document={quoted()} onChanged={onChanged} />);
    fireEvent.click(button(/^Translate for/));
    expect((await screen.findByRole("alert")).textContent).toContain("Nothing was started");
    expect(onChanged).toHaveBeenCalled();
  });

  it.each([
    [{ tokens_left: 100_000 }, "1,300 tokens are taken from your quota; you have 100,000."],
    [{ tokens_left: 100_000, others: [offer({ service: "llm" })] }, "Up to 1,300 tokens"],
    [{ tokens_left: null }, "your plan has no limit"],
    [{ tokens_left: 10, others: [offer({ finishes_at: "2026-01-02T00:00:00Z" })] }, "goes on by itself as your quota comes back: done by"],
  ])("says before what it means for the quota: %j", (change, sentence) => {
    render(<QuoteCard document={quoted(change)} onChanged={onChanged} />);
    expect(document.body.textContent).toContain(sentence);
  });

  it("says in words what one should know", () => {
    render(<QuoteCard document={quoted({ warnings: ["preformatted_kept", "something_new"] })} onChanged={onChanged} />);
    expect(screen.getByRole("alert").textContent).toContain("Code and preformatted text stay as they are.");
    expect(screen.getByRole("alert").textContent).toContain("something new");
  });
});

describe("the parts of a file", () => {
  const fault = { code: "service_busy", message: "The service is busy." };
  const failed = translatedDocument({
    stage: "failed",
    status: "failed",
    chunks: [chunk(1, { state: "done", pages: [1, 50] }), chunk(2, { state: "failed", error: fault }), chunk(3, { state: "failed", error: fault })],
    error: { code: "parts_failed", message: "2 of 3 parts could not be translated." },
  });

  it("are squares that say what they are and why they failed, each reason once", () => {
    render(<ChunkGrid document={failed} onChanged={onChanged} canRetry />);
    expect(screen.getByRole("img", { name: "Part 1, pages 1–50: done" })).toBeTruthy();
    expect(screen.getByRole("alert").textContent).toContain("2, 3: The service is busy.");
  });

  it("are tried again one by one, or all that failed", async () => {
    const server = serve({ [`POST ${DOCUMENT}/retry`]: () => json({}, 202) });
    render(<Failed document={failed} onChanged={onChanged} />);
    fireEvent.click(button(/^Try part 3 again/));
    await waitFor(() => expect(onChanged).toHaveBeenCalledTimes(1));
    fireEvent.click(button(/^Try all that failed/));
    await waitFor(() => expect(onChanged).toHaveBeenCalledTimes(2));
    expect(await server.bodies(`${DOCUMENT}/retry`)).toEqual([
      { chunks: [3], flagged: false },
      { chunks: [], flagged: false },
    ]);
  });

  it("wait for the others before they can be tried again", () => {
    render(<ChunkGrid document={failed} onChanged={onChanged} />);
    expect(screen.queryByRole("button")).toBeNull();
    expect(screen.getByText(/once the others are through/)).toBeTruthy();
  });
});
