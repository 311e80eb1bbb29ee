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

/** `made`: the id of the translation that is shown; empty for none, or for one of other words. */
export interface Kept {
  source: string;
  sourceLang: string;
  targetLang: string;
  service: string;
  formality: Formality;
  glossary: string;
  model: string;
  instructions: string;
  attempt: { key: string; id: string };
  made: string;
}

const RUNNING_LOOK_MS = 2_000;
const NO_ATTEMPT = { key: "", id: "" };
const NOTHING: Kept = {
  source: "",
  sourceLang: DETECT,
  targetLang: "",
  service: "",
  formality: "",
  glossary: "",
  model: "",
  instructions: "",
  attempt: NO_ATTEMPT,
  made: "",
};

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
  /** Of the language models; empty: the server chooses. */
  readonly model = signal("");
  /** What a service that can be told something is told. */
  readonly instructions = signal("");

  readonly result = signal("");
  readonly state = signal<"idle" | "working" | "done" | "failed">("idle");
  readonly error = signal<unknown>(null);
  /** What the server said at the end. */
  readonly answer = signal<TextTranslated | null>(null);
  /** What the result is of. */
  private readonly translated = signal("");
  /** The same request under the same id, so that one whose answer was lost is not paid twice. */
  private readonly attempt = signal(NO_ATTEMPT);

  readonly characters = computed(() => codePoints(this.source.value));
  readonly isStale = computed(() => this.state.value === "done" && this.translated.value !== this.source.value);
  readonly canTranslate = computed(() => this.source.value.trim() !== "" && this.targetLang.value !== "" && this.state.value !== "working");

  /** What a reload may not lose. */
  readonly kept = computed<Kept>(() => ({
    source: this.source.value,
    sourceLang: this.sourceLang.value,
    targetLang: this.targetLang.value,
    service: this.service.value,
    formality: this.formality.value,
    glossary: this.glossary.value,
    model: this.model.value,
    instructions: this.instructions.value,
    attempt: this.attempt.value,
    made: this.isStale.value ? "" : (this.answer.value?.id ?? ""),
  }));

  private running: AbortController | null = null;

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
      this.end(await this.hear(body, abort), abort);
    } catch (error) {
      this.fail(error, abort);
    }
  }

  /** What is being translated already, before a reload perhaps, is waited for. */
  private async hear(body: TextRequest, abort: AbortController): Promise<TextTranslated> {
    for (;;) {
      try {
        return await hear(await this.open(body, abort.signal), (text) => this.say(abort, text));
      } catch (error) {
        if (!(error instanceof ApiError && error.code === "already_running")) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, RUNNING_LOOK_MS));
      abort.signal.throwIfAborted();
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

  /** As it was before anybody came. */
  reset(): void {
    this.clear();
    this.restore(NOTHING);
    this.translated.value = "";
  }

  /** Nothing is written, and nothing was. */
  get isNew(): boolean {
    return this.source.peek() === "" && this.state.peek() === "idle";
  }

  restore({ attempt, source, sourceLang, targetLang, service, formality, glossary, model, instructions }: Kept): void {
    this.source.value = source;
    this.sourceLang.value = sourceLang;
    this.targetLang.value = targetLang;
    this.service.value = service;
    this.formality.value = formality;
    this.glossary.value = glossary;
    this.model.value = model;
    this.instructions.value = instructions;
    this.attempt.value = attempt;
  }

  /** Nobody has written anything else since it was put back. */
  isAsBefore({ source }: Kept): boolean {
    return this.source.peek() === source && this.state.peek() === "idle";
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
    this.formality.value = made.formality as Formality;
    this.glossary.value = made.glossary ?? "";
    this.model.value = made.model;
    this.instructions.value = made.instructions;
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
      ...(service === "llm" && this.model.peek() !== "" && { model: this.model.peek() }),
      ...(this.instructions.peek().trim() !== "" && { instructions: this.instructions.peek().trim() }),
    };
    const key = JSON.stringify(body);
    if (this.attempt.peek().key !== key) this.attempt.value = { key, id: uuid() };
    return { ...body, client_id: this.attempt.peek().id };
  }

  private say(of: AbortController, text: string): void {
    if (this.running === of) this.result.value = text;
  }

  private end(answer: TextTranslated, of: AbortController): void {
    if (this.running !== of) return;
    this.running = null;
    this.attempt.value = NO_ATTEMPT;
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
    if (error instanceof ApiError && error.status !== 0) this.attempt.value = NO_ATTEMPT;
    this.state.value = "failed";
  }
}
