/** What a tab keeps of its call over a reload, and a browser of hang-ups that did not reach the server. */
import { uuid } from "@/lib/uuid";

import { FIRST_EPOCHS } from "./epochs";
import type { Epochs } from "./epochs";

const DEVICE = "kintsugi.call.device";
const PLACE = "kintsugi.call.place";
const HANG_UPS = "kintsugi.call.hangups";
/** An older one is long over by itself. */
const HANG_UP_LIVES_MS = 600_000;

/** The call this tab is in. */
export interface Place {
  callId: string;
  legId: string;
  userId: string;
  epochs: Epochs;
}

export interface HangUp {
  callId: string;
  legId: string;
  userId: string;
  at: number;
}

/** The name of this tab to the server; the same after a reload. */
export function deviceKey(): string {
  const kept = sessionStorage.getItem(DEVICE);
  if (kept !== null) return kept;
  const made = uuid();
  sessionStorage.setItem(DEVICE, made);
  return made;
}

/** A duplicated tab takes its session along: of two tabs with one name the later is another device. */
export function renameDevice(): string {
  sessionStorage.removeItem(DEVICE);
  return deviceKey();
}

export function keptPlace(userId: string): Place | null {
  const place = read(sessionStorage, PLACE) as (Omit<Place, "epochs"> & Partial<Place>) | null;
  return place?.userId === userId ? { ...place, epochs: place.epochs ?? FIRST_EPOCHS } : null;
}

export function keepPlace(place: Place | null): void {
  if (place === null) sessionStorage.removeItem(PLACE);
  else sessionStorage.setItem(PLACE, JSON.stringify(place));
}

export function keptHangUps(userId: string, now = Date.now()): HangUp[] {
  return allHangUps().filter((one) => one.userId === userId && now - one.at < HANG_UP_LIVES_MS);
}

export function keepHangUp(hangUp: HangUp): void {
  write([...allHangUps().filter(({ legId }) => legId !== hangUp.legId), hangUp]);
}

export function dropHangUp(legId: string): void {
  write(allHangUps().filter((one) => one.legId !== legId));
}

function allHangUps(): HangUp[] {
  return (read(localStorage, HANG_UPS) as HangUp[] | null) ?? [];
}

function write(all: readonly HangUp[]): void {
  if (all.length === 0) localStorage.removeItem(HANG_UPS);
  else localStorage.setItem(HANG_UPS, JSON.stringify(all));
}

/** What another version of the client left may be anything. */
function read(storage: Storage, name: string): unknown {
  try {
    return JSON.parse(storage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}
