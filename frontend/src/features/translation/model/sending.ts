import { signal } from "@preact/signals";

import { isAbort } from "@/lib/api";
import { navigate } from "@/lib/router";
import { sendFile } from "@/lib/resumable";
import { uuid } from "@/lib/uuid";

import { createDocument } from "./api";
import { DETECT, remember } from "./languages";

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

/** What is wanted of a file. */
export interface Wanted {
  source: string;
  target: string;
  /** The id of a glossary; empty for none. */
  glossary: string;
  /** A second file with both languages side by side. */
  isBoth: boolean;
}

/** Sends a file, has it read, and goes to where its price will stand. */
export async function send(file: File, { source, target, glossary, isBoth }: Wanted): Promise<void> {
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
    const { id } = await createDocument({
      file_id,
      target_lang: target,
      ...(source !== DETECT && { source_lang: source }),
      ...(glossary !== "" && { glossary }),
      ...(isBoth && { layout: "both" }),
      client_id: clientId,
    });
    remember(target);
    if (abort === mine) navigate(`/app/translate/files/${id}`);
  } catch (error) {
    if (abort === mine && !isAbort(error)) refused.value = error;
  } finally {
    if (abort === mine) sending.value = null;
  }
}

export function stopSending(): void {
  abort?.abort();
  abort = null;
  sending.value = null;
}
