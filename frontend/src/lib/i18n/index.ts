/**
 * Two languages, typed dictionaries, no library.
 *
 * Each feature calls `dictionary({ en, uk })` beside its screens, so its sentences travel in its own chunk. The English
 * half decides the keys and the placeholders; the compiler refuses a Ukrainian half that lacks one or invents one.
 */
import { signal } from "@preact/signals";

export const LANGUAGES = ["uk", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

/** A sentence whose form depends on `{count}`; the keys are those of `Intl.PluralRules`. */
export type Plural = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;
type Entry = string | Plural;
type Entries = Record<string, Entry>;

type Placeholders<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never;
type ParamNames<E> = E extends { other: infer Other } ? "count" | Placeholders<Other> : Placeholders<E>;
type Params<E> = Record<ParamNames<E>, string | number>;

/** What the second language must look like: the same keys, plural where plural, no unknown placeholder. */
type Translation<En, Uk> = {
  [K in keyof En]: K extends keyof Uk
    ? [Uk[K]] extends [En[K] extends string ? string : Plural]
      ? [ParamNames<En[K]>] extends [ParamNames<Uk[K]>]
        ? [ParamNames<Uk[K]>] extends [ParamNames<En[K]>]
          ? Uk[K]
          : never
        : never
      : never
    : Entry;
};

export type Translate<En extends Entries> = <K extends keyof En & string>(
  key: K,
  ...params: [ParamNames<En[K]>] extends [never] ? [] : [Params<En[K]>]
) => string;

const STORAGE_KEY = "kintsugi.language";

export const language = signal<Language>(initialLanguage());

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some((known) => known === value);
}

/** Switch the interface; the cookie makes Django's own pages follow. */
export function setLanguage(next: Language): void {
  language.value = next;
  document.documentElement.lang = next;
  localStorage.setItem(STORAGE_KEY, next);
  document.cookie = `django_language=${next}; path=/; max-age=31536000; samesite=lax`;
}

/** Bind a pair of dictionaries; calling the result inside a component subscribes it to the language. */
export function dictionary<const En extends Entries, const Uk extends Entries>(texts: {
  en: En;
  uk: Uk & Translation<En, Uk>;
}): Translate<En> {
  return (key, ...params) => {
    const entries: Entries = texts[language.value];
    const entry = entries[key] ?? key;
    const values: Record<string, string | number> = params[0] ?? {};
    return fill(typeof entry === "string" ? entry : pluralForm(entry, Number(values.count)), values);
  };
}

export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
  return prepared("number", options, (tag) => new Intl.NumberFormat(tag, options)).format(value);
}

export function formatDate(value: string | Date, options: Intl.DateTimeFormatOptions = { dateStyle: "medium" }): string {
  return prepared("date", options, (tag) => new Intl.DateTimeFormat(tag, options)).format(new Date(value));
}

const formatters = new Map<string, unknown>();

/** Making one takes thousands of times as long as using it, and every row of a list wants some. */
function prepared<T>(kind: string, options: object, make: (language: Language) => T): T {
  const key = `${kind} ${language.value} ${JSON.stringify(options)}`;
  if (!formatters.has(key)) formatters.set(key, make(language.value));
  return formatters.get(key) as T;
}

function pluralForm(entry: Plural, count: number): string {
  return entry[prepared("plural", {}, (tag) => new Intl.PluralRules(tag)).select(count)] ?? entry.other;
}

function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}(\.(?!\.))?/g, (whole, name: string, stop = "") => {
    const value = values[name];
    if (value === undefined) return whole;
    const said = typeof value === "number" ? formatNumber(value) : value;
    // A Ukrainian date ends with the point of “р.”, which ends the sentence too.
    return said.endsWith(".") ? said : `${said}${stop}`;
  });
}

/** What was chosen before, else the language Django rendered the shell in (`Accept-Language`). */
function initialLanguage(): Language {
  const chosen = [localStorage.getItem(STORAGE_KEY), document.documentElement.lang].find(isLanguage);
  return chosen ?? "en";
}
