import { signal } from "@preact/signals";
import { cleanup, render } from "@/lib/testing/library";
import { afterEach, describe, expect, it } from "vitest";

import { setLanguage } from "@/lib/i18n";

import { localMessage, MessageModel } from "../model/message";
import type { DoneFrame } from "../shapes";
import { Receipt } from "./Receipt";

const ENDED = {
  delta: "", message_id: "m2", done: true, prompt_tokens: 12, completion_tokens: 5, total_tokens: 17, reasoning_tokens: null,
  thinking_ms: null, effort: null, cached_tokens: 0, cache_write_tokens: 0, cost: null, priced: null, held_tokens: 8009,
  released_tokens: 7992, finish_reason: null, estimated: false, status: "stopped",
} satisfies DoneFrame; // prettier-ignore

function receipt(change: Partial<DoneFrame> = {}): string {
  const answer = new MessageModel({ ...localMessage("assistant", "a", {}), id: "m2" });
  answer.finish({ ...ENDED, ...change });
  return render(<Receipt message={answer.data.value} open={signal(true)} />).container.textContent;
}

afterEach(() => {
  cleanup();
  setLanguage("en");
});

describe("a receipt", () => {
  it("says what was held and what was released, by the last event of the stream", () => {
    expect(receipt()).toContain("Held beforehand8,009 tokensof it released7,992");
    cleanup();
    setLanguage("uk");
    expect(receipt()).toMatch(/Відкладено наперед8\s009 токенівз них повернено7\s992/u);
  });

  it("says nothing of a hold that nobody knows", () => {
    expect(receipt({ held_tokens: null, released_tokens: null })).not.toContain("Held");
  });
});
