/** The languages of a service, their names in the reader's language, and those that were used last. */
import { signal } from "@preact/signals";

import { onFarewell } from "@/lib/api";
import { language, LANGUAGES } from "@/lib/i18n";

import { RECENT_KEY } from "../forget";
import type { Language } from "../shapes";

/** The source is found out from the text. */
export const DETECT = "";

const MOST_RECENT = 4;

export const recent = signal<readonly string[]>(readRecent());

onFarewell(() => (recent.value = []));

/** What one would want to translate into, the best first: most texts are in the reader's own language, or for it. */
export function likedTargets(): string[] {
  return [...recent.peek(), ...LANGUAGES.filter((one) => one !== language.peek()), language.peek()];
}

/** Keeps it in front of those that were used before. */
export function remember(code: string): void {
  if (code === DETECT || recent.peek()[0] === code) return;
  recent.value = [code, ...recent.peek().filter((one) => one !== code)].slice(0, MOST_RECENT);
  localStorage.setItem(RECENT_KEY, recent.peek().join(" "));
}

/** `pt-BR` is “Brazilian Portuguese”, “португальська (Бразилія)”; what the browser cannot name is called as it is given. */
export function languageName(code: string, given = code): string {
  try {
    const name = new Intl.DisplayNames([language.value], { type: "language", fallback: "none" }).of(code) ?? given;
    return name.charAt(0).toLocaleUpperCase(language.value) + name.slice(1);
  } catch {
    return given;
  }
}

/** `en-GB` and `en` are one language to whoever asks for either. */
export function sameLanguage(one: string, other: string): boolean {
  return base(one) === base(other);
}

/** Nothing would be translated: varieties of a language differ only where both are named. */
export function isSameText(one: string, other: string): boolean {
  return sameLanguage(one, other) && (one === other || [one, other].includes(base(one)));
}

/** The code among some that means this language: itself, else a variety of it; null where there is none. */
export function nearest(code: string, among: readonly Language[]): string | null {
  const found = among.find((one) => one.code.toLowerCase() === code.toLowerCase()) ?? among.find((one) => sameLanguage(one.code, code));
  return found?.code ?? null;
}

/** By name in the reader's language. */
export function byName(languages: readonly Language[]): Language[] {
  const collator = new Intl.Collator(language.value);
  const named = languages.map((one) => ({ ...one, name: languageName(one.code, one.name) }));
  return named.sort((a, b) => collator.compare(a.name, b.name));
}

function base(code: string): string {
  return code.split(/[-_]/)[0]?.toLowerCase() ?? "";
}

function readRecent(): string[] {
  return (localStorage.getItem(RECENT_KEY) ?? "").split(" ").filter((code) => code !== "");
}
