import { afterEach, describe, expect, it, vi } from "vitest";

import { json, refusal, serve } from "@/lib/testing/serve";

import { MessageTranslations } from "./translations";

const WORDS = { id: "m-1", content: "Good day" };
const MADE = { id: "t1", text: "Добрий день", detected_lang: "en", is_demo: true };

afterEach(() => vi.unstubAllGlobals());

describe("the translation of a message", () => {
  it("is asked for in the reader's language, and stands below its words only", async () => {
    const server = serve({ "POST /api/translation": () => json(MADE) });
    const all = new MessageTranslations();
    const work = all.show(WORDS);
    expect(all.of(WORDS)).toMatchObject({ text: null, error: null });
    await work;
    expect(all.of(WORDS)).toMatchObject({ text: "Добрий день", from: "en", isDemo: true });
    expect(all.of({ ...WORDS, content: "Good evening" })).toBeNull();
    expect(await server.bodies("/api/translation")).toMatchObject([{ text: "Good day", target_lang: "en" }]);
  });

  it("says what went wrong, and can be tried again", async () => {
    let answers = [refusal(503, "service_busy"), json(MADE)];
    serve({ "POST /api/translation": () => answers.shift() ?? json(MADE) });
    const all = new MessageTranslations();
    await all.show(WORDS);
    expect(all.of(WORDS)?.error).toMatchObject({ code: "service_busy" });
    await all.show(WORDS);
    expect(all.of(WORDS)).toMatchObject({ text: "Добрий день", error: null });
    answers = [];
  });

  it("does not come back after it was hidden", async () => {
    serve({ "POST /api/translation": () => json(MADE) });
    const all = new MessageTranslations();
    const work = all.show(WORDS);
    all.hide(WORDS);
    await work;
    expect(all.of(WORDS)).toBeNull();
  });
});
