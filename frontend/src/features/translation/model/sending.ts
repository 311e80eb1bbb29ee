import { signal } from "@preact/signals";

import { isAbort, onFarewell } from "@/lib/api";
import { navigate } from "@/lib/router";
import { sendFile } from "@/lib/resumable";
import { uuid } from "@/lib/uuid";

import type { DocumentRequest } from "../shapes";
import { createDocument } from "./api";
import { DETECT, remember } from "./languages";
import type { Formality } from "./text";

export interface Sending {
  name: string;
  /** From 0 to 1. */
  share: number;
  isWaiting: boolean;
}

/** The file on its way, and why the last one was not taken; they stay when one looks elsewhere meanwhile. */
export const sending = signal<Sending | null>(null);
export const refused = signal<unknown>(null);

let abort: AbortController | null = null;

onFarewell(() => {
  stopSending();
  refused.value = null;
});

/** What is wanted of a file. */
export interface Wanted {
  source: string;
  target: string;
  /** The id of a glossary; empty for none. */
  glossary: string;
  /** A second file with both languages side by side. */
  isBoth: boolean;
  formality: Formality;
  /** Of the language models; empty: the server chooses. */
  model: string;
  instructions: string;
}

/** Sends a file, has it read, and goes to where its price will stand. */
export async function send(file: File, wanted: Wanted): Promise<void> {
  stopSending();
  const mine = (abort = new AbortController());
  const clientId = uuid();
  const tell = (part: Partial<Sending>) => {
    const before = sending.peek();
    if (abort === mine && before !== null) sending.value = { ...before, ...part };
  };
  refused.value = null;
  sending.value = { name: file.name, share: 0, isWaiting: false };
  try {
    const { id: file_id } = await sendFile(file, {
      clientId,
      purpose: "translation",
      signal: mine.signal,
      onProgress: (share) => tell({ share }),
      onWaiting: (isWaiting) => tell({ isWaiting }),
    });
    const { id } = await createDocument({ file_id, client_id: clientId, ...asked(wanted) });
    remember(wanted.target);
    if (abort === mine) navigate(`/app/translate/files/${id}`);
  } catch (error) {
    if (abort === mine && !isAbort(error)) refused.value = error;
  } finally {
    if (abort === mine) sending.value = null;
  }
}

function asked({ source, target, glossary, isBoth, formality, model, instructions }: Wanted): DocumentRequest {
  return {
    target_lang: target,
    ...(source !== DETECT && { source_lang: source }),
    ...(glossary !== "" && { glossary }),
    ...(isBoth && { layout: "both" }),
    ...(formality !== "" && { formality }),
    ...(model !== "" && { model }),
    ...(instructions.trim() !== "" && { instructions: instructions.trim() }),
  };
}

export function stopSending(): void {
  abort?.abort();
  abort = null;
  sending.value = null;
}
