/** Translations of messages into the reader's language, for as long as the conversation is open. */
import { signal } from "@preact/signals";

import { api } from "@/lib/api";
import { hasModule } from "@/lib/config";
import { language } from "@/lib/i18n";
import { uuid } from "@/lib/uuid";

import type { ShownMessage } from "../model";

export interface TranslationState {
  /** What it is of: an edited message has none. */
  readonly of: string;
  /** Null while it is made, and when it failed. */
  readonly text: string | null;
  readonly from: string;
  readonly isDemo: boolean;
  readonly error: unknown;
}

type Words = Pick<ShownMessage, "id" | "content">;

/** Whether this server translates. */
export function canTranslate(): boolean {
  return hasModule("translation");
}

export class MessageTranslations {
  private readonly states = signal<ReadonlyMap<string, TranslationState>>(new Map());

  /** Null: nobody asked for one, or the message is another one now. */
  of({ id, content }: Words): TranslationState | null {
    const state = this.states.value.get(id);
    return state?.of === content ? state : null;
  }

  async show({ id, content }: Words): Promise<void> {
    const begun = { of: content, text: null, from: "", isDemo: false, error: null };
    this.put(id, begun);
    try {
      const body = { text: content, target_lang: language.value, client_id: uuid() };
      const made = await api.post("/api/translation", { body });
      this.end(id, begun, { ...begun, text: made.text, from: made.detected_lang, isDemo: made.is_demo });
    } catch (error) {
      this.end(id, begun, { ...begun, error });
    }
  }

  hide({ id }: Words): void {
    const next = new Map(this.states.value);
    next.delete(id);
    this.states.value = next;
  }

  /** Unless it was hidden, or asked for again, meanwhile. */
  private end(id: string, begun: TranslationState, state: TranslationState): void {
    if (this.states.peek().get(id) === begun) this.put(id, state);
  }

  private put(id: string, state: TranslationState): void {
    this.states.value = new Map(this.states.peek()).set(id, state);
  }
}
