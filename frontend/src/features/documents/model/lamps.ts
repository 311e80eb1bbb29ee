/** The lamps of a citation, and what of them must be looked at. */
import type { Citation, Colour, Lamp, LampName } from "../shapes";

export const LAMPS: readonly LampName[] = ["exists", "metadata", "retraction", "support"];
const GRAVITY: readonly Colour[] = ["green", "grey", "amber", "red"];

const UNASKED: Lamp = { lamp: "grey", reasons: ["not_asked"], method: "", evidence: "", detail: "", at: null };

/** One that nobody has asked for is grey, never green. */
export function lampOf({ lamps }: Pick<Citation, "lamps">, name: LampName): Lamp {
  return lamps[name] ?? UNASKED;
}

/** The gravest of the four. */
export function worst(citation: Pick<Citation, "lamps">): Colour {
  const colours = LAMPS.map((name) => lampOf(citation, name).lamp);
  return colours.reduce((gravest, colour) => (GRAVITY.indexOf(colour) > GRAVITY.indexOf(gravest) ? colour : gravest), "green");
}

export function isOverridden({ overridden_at: at }: Pick<Citation, "overridden_at">): boolean {
  return at !== null;
}

/** Red, and nobody has taken it upon themselves: with one of these nothing is exported. */
export function stopsExport(citation: Citation): boolean {
  return worst(citation) === "red" && !isOverridden(citation);
}

export function counted(citations: readonly Citation[]): Record<Colour, number> {
  const result = { green: 0, amber: 0, red: 0, grey: 0 };
  for (const citation of citations) result[worst(citation)] += 1;
  return result;
}
