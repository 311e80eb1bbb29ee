/** The text on the desk: the same wherever one looked meanwhile, back after a reload of its tab, and its person's alone. */
import { effect } from "@preact/signals";

import { currentUser, onFarewell } from "@/lib/api";

import { TEXT_KEY } from "../forget";
import { readTranslation, streamText } from "../model/api";
import { TextTranslation } from "../model/text";
import type { Kept } from "../model/text";

const WRITE_AFTER_MS = 300;

export const text = new TextTranslation(streamText);
/** Whose it is. */
let owner = "";

onFarewell(() => text.reset());

/** Puts what was here before a reload back in place, and keeps what comes; the answer ends it. */
export function keepText(): () => void {
  const id = currentUser.peek()?.id ?? "";
  const key = TEXT_KEY + id;
  // A session that ran out leaves the desk as it is, and somebody else may be the next to sign in.
  if (owner !== id) text.reset();
  owner = id;
  if (text.isNew) restore(key);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let write = noWork;
  const end = effect(() => {
    const kept = text.kept.value;
    write = () => store(key, kept);
    clearTimeout(timer);
    timer = setTimeout(write, WRITE_AFTER_MS);
  });
  const writeNow = () => write();
  addEventListener("pagehide", writeNow);
  return () => {
    end();
    clearTimeout(timer);
    removeEventListener("pagehide", writeNow);
    // Somebody who has just left keeps nothing here.
    if (currentUser.peek() !== null) write();
  };
}

function noWork(): void {
  // Nothing was written yet.
}

function restore(key: string): void {
  const stored = sessionStorage.getItem(key);
  if (stored === null) return;
  let kept: Kept;
  try {
    kept = JSON.parse(stored) as Kept;
    text.restore(kept);
  } catch {
    sessionStorage.removeItem(key);
    return;
  }
  if (kept.made === "") return;
  readTranslation(kept.made).then(
    (made) => text.isAsBefore(kept) && text.show(made),
    () => undefined, // deleted meanwhile: the words are still here
  );
}

function store(key: string, kept: Kept): void {
  if (kept.source === "") sessionStorage.removeItem(key);
  else sessionStorage.setItem(key, JSON.stringify(kept));
}
