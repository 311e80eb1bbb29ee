import type { Leg } from "../model/shapes";

/** Pictures of more people are more than anybody looks at, and than most lines carry. */
export const MOST_PICTURES = 9;

/** Whose pictures are asked for: of those that show one, and first of who stands large. */
export function pictured(legs: readonly Leg[], large: string | undefined): Set<string> {
  const showing = legs.filter(({ video_on: shows }) => shows).map(({ id }) => id);
  const first = showing.filter((id) => id === large);
  return new Set([...first, ...showing.filter((id) => id !== large)].slice(0, MOST_PICTURES));
}
