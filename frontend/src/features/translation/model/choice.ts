/** What is chosen when nobody has chosen, or when what was chosen is not offered any more. */
import type { Language, Languages, Service } from "../shapes";
import { DETECT, isSameText, nearest, sameLanguage } from "./languages";

/** The one that was asked for, as long as it can be had; else the first that can. */
export function chosenService(services: readonly Service[], asked: string): Service | null {
  const usable = services.filter(({ is_on: isOn }) => isOn);
  return usable.find(({ id }) => id === asked) ?? usable[0] ?? null;
}

export interface Pair {
  source: string;
  target: string;
}

/** A pair that a service has. `liked` are targets one would want, the best first. */
export function chosenPair({ source, target }: Pair, offered: Languages, liked: readonly string[]): Pair {
  const from = source === DETECT ? DETECT : (nearest(source, sources(offered)) ?? DETECT);
  const targets = targetsFor(offered, from);
  const wanted = [target, ...liked].filter((code) => code !== "" && (code === target || from === DETECT || !sameLanguage(code, from)));
  const found = wanted.map((code) => nearest(code, targets)).find((code) => code !== null);
  return { source: from, target: found ?? targets[0]?.code ?? "" };
}

export function sources({ results }: Languages): Language[] {
  return results.filter(({ source }) => source);
}

/** Some servers translate only some pairs. */
export function targetsFor({ results, pairs }: Languages, source: string): Language[] {
  const targets = results.filter(({ target }) => target);
  if (source === DETECT || pairs === null) return targets;
  const possible = pairs[source] ?? [];
  return targets.filter(({ code }) => possible.includes(code));
}

/** With another source. A language into itself is nothing to do: then the target gives way. */
export function withSource({ source, target }: Pair, chosen: string, offered: Languages, liked: readonly string[]): Pair {
  if (chosen === DETECT || !isSameText(chosen, target)) return chosenPair({ source: chosen, target }, offered, liked);
  return chosenPair({ source: chosen, target: "" }, offered, [source, ...liked]);
}

/** With another target; then the source gives way. */
export function withTarget({ source, target }: Pair, chosen: string, offered: Languages): Pair {
  if (source === DETECT || !isSameText(chosen, source)) return { source, target: chosen };
  return chosenPair({ source: isSameText(target, chosen) ? DETECT : target, target: chosen }, offered, []);
}

/** What one would translate into in place of a language that the text is in already; null where nothing else is offered. */
export function otherTarget(target: string, offered: Languages, liked: readonly string[]): string | null {
  const others = targetsFor(offered, DETECT).filter(({ code }) => !sameLanguage(code, target));
  return liked.map((code) => nearest(code, others)).find((code) => code !== null) ?? others[0]?.code ?? null;
}

/** The pair the other way round; null where the service cannot. A detected language is one that is known. */
export function swapped({ source, target }: Pair, detected: string, offered: Languages): Pair | null {
  const known = source === DETECT ? detected : source;
  if (known === "") return null;
  const from = nearest(target, sources(offered));
  const to = from === null ? null : nearest(known, targetsFor(offered, from));
  return from === null || to === null ? null : { source: from, target: to };
}
