import { signal, type Signal } from "@preact/signals";

import { currentUser } from "@/lib/api";
import { focusComposer } from "@/ui";

import { DRAFTS_KEY } from "../deleteOnSignOut";
import type { Conversation } from "../model/conversation";
import type { Message } from "../shapes";
import { Uploads } from "./uploads";

export interface Draft {
  readonly text: Signal<string>;
  readonly uploads: Uploads;
}

const drafts = new WeakMap<Conversation, Draft>();

/** What is being written in a chat. The words survive a reload; files are chosen again. */
export function draftOf(conversation: Conversation): Draft {
  let draft = drafts.get(conversation);
  if (draft === undefined) {
    draft = { text: signal(sessionStorage.getItem(storageKey(conversation)) ?? ""), uploads: new Uploads() };
    drafts.set(conversation, draft);
  }
  return draft;
}

export function writeDraft(conversation: Conversation, text: string): void {
  draftOf(conversation).text.value = text;
  if (text === "") sessionStorage.removeItem(storageKey(conversation));
  else sessionStorage.setItem(storageKey(conversation), text);
}

/** Put a message that was not sent back where it was written. */
export function restoreDraft(conversation: Conversation, { content, attachments }: Message): void {
  writeDraft(conversation, content);
  draftOf(conversation).uploads.restore(attachments);
  focusComposer();
}

/** With whose words they are: the tab may be somebody else's next. */
function storageKey({ id }: Conversation): string {
  return `${DRAFTS_KEY}${currentUser.peek()?.id}.${id ?? "new"}`;
}

/** Files from elsewhere, which need to be kept there only until the server has them. */
export function takeFiles(uploads: Uploads, { files, taken }: { files: readonly File[]; taken: () => void }): void {
  uploads.add(files);
  let end: (() => void) | null = null;
  end = uploads.busy.subscribe((busy) => {
    if (busy) return;
    if (uploads.list.peek().every(({ error }) => error === null)) taken();
    queueMicrotask(() => end?.());
  });
}
