/**
 * In which thousand the frames to each other leg are numbered (see `wire.ts`). One number for all would let a single leg
 * that claims to be far ahead carry away what is said to everybody.
 */
export interface Epochs {
  /** That of legs with which nothing was begun anew: one more with each load of the page. */
  base: number;
  /** By leg, where it is another. */
  legs: Readonly<Record<string, number>>;
}

export const FIRST_EPOCHS: Epochs = { base: 0, legs: {} };

export function epochOf({ base, legs }: Epochs, legId: string): number {
  return legs[legId] ?? base;
}

export function reached(epochs: Epochs, legId: string, epoch: number): Epochs {
  return { ...epochs, legs: { ...epochs.legs, [legId]: epoch } };
}

/** For a page that was loaded anew: all that was said before is void. */
export function afterReload({ base, legs }: Epochs): Epochs {
  return { base: base + 1, legs: Object.fromEntries(Object.entries(legs).map(([id, epoch]) => [id, Math.max(base, epoch) + 1])) };
}
