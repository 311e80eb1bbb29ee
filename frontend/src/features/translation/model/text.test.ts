import { beforeEach, describe, expect, it, vi } from "vitest";

import { refusal } from "@/lib/testing/serve";

import type { TextRequest } from "../shapes";
import { translated } from "../testing/shapes";
import { recent } from "./languages";
import { TextTranslation } from "./text";

/** A service that says what it is told to, when it is told to. */
class Service {
  readonly asked: TextRequest[] = [];
  private say: (text: string) => void = () => undefined;
  private end: () => void = () => undefined;

  open = (body: TextRequest, signal: AbortSignal): Promise<Response> => {
    this.asked.push(body);
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.say = (text) => controller.enqueue(new TextEncoder().encode(text));
        this.end = () => controller.close();
        signal.addEventListener("abort", () => controller.error(new DOMException("Given up", "AbortError")));
      },
    });
    return Promise.resolve(new Response(stream));
  };

  async delta(text: string): Promise<void> {
    this.say(`data: ${JSON.stringify({ delta: text })}\n\n`);
    await settled();
  }

  async reset(): Promise<void> {
    this.say(`data: ${JSON.stringify({ reset: true })}\n\n`);
    await settled();
  }

  async finish(answer = translated()): Promise<void> {
    this.say(`event: done\ndata: ${JSON.stringify({ done: true, translation: answer })}\n\n`);
    await settled();
  }

  async cut(): Promise<void> {
    this.end();
    await settled();
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

function begun(open: Service["open"]): { text: TextTranslation; work: Promise<void> } {
  const text = new TextTranslation(open);
  text.source.value = "Good day 👋";
  text.targetLang.value = "uk";
  return { text, work: text.translate() };
}

describe("a text", () => {
  beforeEach(() => (recent.value = []));

  it("grows while it is translated, and ends as the server has it", async () => {
    const service = new Service();
    const { text, work } = begun(service.open);
    await settled();
    await service.delta("Доб");
    await service.delta("рий");
    expect([text.state.value, text.result.value]).toEqual(["working", "Добрий"]);
    await service.reset();
    await service.delta("Доброго");
    expect(text.result.value).toBe("Доброго");
    await service.finish(translated({ text: "Добрий день 👋", detected_lang: "en" }));
    await work;
    expect([text.state.value, text.result.value]).toEqual(["done", "Добрий день 👋"]);
    expect(recent.value).toEqual(["uk", "en"]);
    expect(text.characters.value).toBe(10);
  });

  it("asks for what is chosen and leaves out what is not", () => {
    const service = new Service();
    const { text } = begun(service.open);
    const { client_id: id, ...rest } = { client_id: null, ...service.asked[0] };
    expect(rest).toEqual({ text: "Good day 👋", target_lang: "uk" });
    expect(id).toBeTruthy();
    text.stop();
    text.sourceLang.value = "en";
    text.formality.value = "more";
    text.glossary.value = "g1";
    text.service.value = "deepl";
    void text.translate();
    expect(service.asked[1]).toMatchObject({ source_lang: "en", formality: "more", glossary: "g1", service: "deepl" });
  });

  it("goes again under the same id when the line broke, and under a new one after an answer", async () => {
    const service = new Service();
    const { text, work } = begun(service.open);
    await settled();
    await service.cut();
    await work;
    expect(text.state.value).toBe("failed");
    const again = text.translate();
    await settled();
    await service.finish();
    await again;
    void text.translate();
    const ids = service.asked.map((body) => body.client_id);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it("says a refusal, and a later attempt is another one", async () => {
    const refused = new TextTranslation(() => Promise.resolve(refusal(429, "token_limit_exceeded")));
    refused.source.value = "Good day";
    refused.targetLang.value = "uk";
    await refused.translate();
    expect(refused.state.value).toBe("failed");
    expect(refused.error.value).toMatchObject({ code: "token_limit_exceeded" });
  });

  it("waits for what is being translated already, and asks for it by the same id", async () => {
    vi.useFakeTimers();
    const ids: unknown[] = [];
    const text = new TextTranslation((body) => {
      ids.push(body.client_id);
      const end = `data: ${JSON.stringify({ done: true, translation: translated() })}\n\n`;
      return Promise.resolve(ids.length < 3 ? refusal(409, "already_running") : new Response(end));
    });
    text.source.value = "Good day";
    text.targetLang.value = "uk";
    const work = text.translate();
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    await work;
    expect([text.state.value, text.result.value]).toEqual(["done", "Добрий день"]);
    expect(new Set(ids).size).toBe(1);
    expect(ids).toHaveLength(3);
  });

  it("hears nothing more once it was stopped", async () => {
    const service = new Service();
    const { text, work } = begun(service.open);
    await settled();
    await service.delta("Доб");
    text.stop();
    await work;
    expect([text.state.value, text.result.value, text.error.value]).toEqual(["idle", "Доб", null]);
  });

  it("is turned round with its translation, and says when it was changed since", () => {
    const text = new TextTranslation(new Service().open);
    text.show(translated({ source: "Good day", text: "Добрий день" }));
    expect(text.isStale.value).toBe(false);
    text.swap("uk", "en");
    expect([text.source.value, text.result.value]).toEqual(["Добрий день", "Good day"]);
    expect([text.sourceLang.value, text.targetLang.value, text.isStale.value]).toEqual(["uk", "en", false]);
    text.source.value = "Добрий вечір";
    expect(text.isStale.value).toBe(true);
  });

  it("is put back as it was, and asked for again under the same id", () => {
    const service = new Service();
    const { text } = begun(service.open);
    text.instructions.value = "For children";
    const later = new TextTranslation(service.open);
    later.restore(text.kept.value);
    expect([later.source.value, later.targetLang.value, later.instructions.value, later.isNew]).toEqual(["Good day 👋", "uk", "For children", false]);
    later.instructions.value = "";
    void later.translate();
    expect(service.asked[1]?.client_id).toBe(service.asked[0]?.client_id);
    later.show(translated({ id: "t9" }));
    expect(later.kept.value.made).toBe("t9");
    later.source.value = "Good night";
    expect(later.kept.value.made).toBe("");
    later.reset();
    expect([later.isNew, later.targetLang.value, later.result.value]).toEqual([true, "", ""]);
  });

  it("is not sent empty, nor twice at once", () => {
    const service = new Service();
    const { text } = begun(service.open);
    void text.translate();
    expect(service.asked).toHaveLength(1);
    text.clear();
    text.source.value = " \n";
    void text.translate();
    expect(service.asked).toHaveLength(1);
  });
});
