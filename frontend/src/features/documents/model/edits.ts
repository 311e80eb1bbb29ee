/** Edits that are not saved yet: they survive a reload, in this tab. */
import { EDIT_KEY } from "../forget";
import type { Draft } from "./editing";

/** Edits of one section, and the version of its text that they were begun with. */
export interface Edit {
  version: number;
  drafts: Draft[];
}

function keyOf(documentId: string, number: number): string {
  return `${EDIT_KEY}${documentId}.${number}`;
}

export function keptEdit(documentId: string, number: number): Edit | null {
  const kept = sessionStorage.getItem(keyOf(documentId, number));
  return kept === null ? null : (JSON.parse(kept) as Edit);
}

export function keepEdit(documentId: string, number: number, edit: Edit): void {
  try {
    sessionStorage.setItem(keyOf(documentId, number), JSON.stringify(edit));
  } catch {
    // The tab's room is full: what is written stays on the page.
  }
}

export function dropEdit(documentId: string, number: number): void {
  sessionStorage.removeItem(keyOf(documentId, number));
}
