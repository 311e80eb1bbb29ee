import { computed, signal } from "@preact/signals";

import { ApiError, isAbort } from "@/lib/api";
import { codePoints } from "@/lib/growingText";
import { StreamBrokenError } from "@/lib/sse";
import { uuid } from "@/lib/uuid";

import type { TextRequest, TextTranslated } from "../shapes";
import type { ServiceName } from "./api";
import { DETECT, remember } from "./languages";
import { hear } from "./stream";

export type Formality = "" | "more" | "less";
type Open = (body: TextRequest, signal: AbortSignal) => Promise<Response>;

/** One text and its translation: what is typed and chosen, and what came. */
export class TextTranslation {
  readonly source = signal("");
  readonly sourceLang = signal(DETECT);
  readonly targetLang = signal("");
  /** Empty: the one the server takes when none is named. */
  readonly service = signal("");
  readonly formality = signal<Formality>("");
  /** Its id; empty for none. */
  readonly glossary = signal("");

  readonly result = signal("");
  readonly state = signal<"idle" | "working" | "done" | "failed">("idle");
  readonly error = signal<unknown>(null);
  /** What the server said at the end. */
  readonly answer = signal<TextTranslated | null>(null);
  /** What the result is of. */
  private readonly translated = signal("");

  readonly characters = computed(() => codePoints(this.source.value));
  readonly isStale = computed(() => this.state.value === "done" && this.translated.value !== this.source.value);
  readonly canTranslate = computed(() => this.source.value.trim() !== "" && this.targetLang.value !== "" && this.state.value !== "working");

  private running: AbortController | null = null;
  /** The same request under the same id, so that one whose answer was lost is not paid twice. */
  private attempt = { key: "", id: "" };

  constructor(private readonly open: Open) {}

  async translate(): Promise<void> {
    if (!this.canTranslate.peek()) return;
    const abort = (this.running = new AbortController());
    const body = this.request();
    this.state.value = "working";
    this.error.value = null;
    this.answer.value = null;
    this.result.value = "";
    this.translated.value = body.text;
    try {
      const response = await this.open(body, abort.signal);
      this.end(await hear(response, (text) => this.say(abort, text)), abort);
    } catch (error) {
      this.fail(error, abort);
    }
  }

  stop(): void {
    this.running?.abort();
    this.running = null;
    if (this.state.peek() === "working") this.state.value = "idle";
  }

  clear(): void {
    this.stop();
    this.source.value = "";
    this.result.value = "";
    this.answer.value = null;
    this.error.value = null;
    this.state.value = "idle";
  }

  /** The other way round, with the translation as the text; what was detected becomes the target. */
  swap(sourceLang: string, targetLang: string): void {
    const { result, source } = this;
    const had = this.state.peek() === "done" && result.peek() !== "";
    this.stop();
    this.sourceLang.value = sourceLang;
    this.targetLang.value = targetLang;
    this.glossary.value = "";
    this.answer.value = null;
    this.error.value = null;
    if (!had) return;
    const before = source.peek();
    source.value = result.peek();
    result.value = before;
    this.translated.value = source.peek();
  }

  /** One that was made earlier. */
  show(made: TextTranslated): void {
    this.stop();
    this.source.value = made.source;
    this.result.value = made.text;
    this.translated.value = this.source.peek();
    this.sourceLang.value = made.source_lang;
    this.targetLang.value = made.target_lang;
    this.service.value = made.service;
    this.answer.value = made;
    this.error.value = null;
    this.state.value = made.text === "" ? "idle" : "done";
  }

  private request(): TextRequest {
    const service = this.service.peek();
    const body: TextRequest = {
      text: this.source.peek(),
      target_lang: this.targetLang.peek(),
      ...(this.sourceLang.peek() !== DETECT && { source_lang: this.sourceLang.peek() }),
      ...(service !== "" && { service: service as ServiceName }),
      ...(this.formality.peek() !== "" && { formality: this.formality.peek() }),
      ...(this.glossary.peek() !== "" && { glossary: this.glossary.peek() }),
    };
    const key = JSON.stringify(body);
    if (this.attempt.key !== key) this.attempt = { key, id: uuid() };
    return { ...body, client_id: this.attempt.id };
  }

  private say(of: AbortController, text: string): void {
    if (this.running === of) this.result.value = text;
  }

  private end(answer: TextTranslated, of: AbortController): void {
    if (this.running !== of) return;
    this.running = null;
    this.attempt = { key: "", id: "" };
    this.result.value = answer.text;
    this.answer.value = answer;
    this.state.value = "done";
    remember(answer.source_lang || answer.detected_lang);
    remember(this.targetLang.peek());
  }

  private fail(error: unknown, of: AbortController): void {
    if (this.running !== of || isAbort(error)) return;
    this.running = null;
    const broke = error instanceof StreamBrokenError;
    this.error.value = broke ? new ApiError("The line broke", 0, "network") : error;
    // Only what nobody knows the end of goes under the same id again.
    if (error instanceof ApiError && error.status !== 0) this.attempt = { key: "", id: "" };
    this.state.value = "failed";
  }
}
