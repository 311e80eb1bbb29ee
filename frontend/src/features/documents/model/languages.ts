/** Languages a document can be in, and how their names read. */
import { language } from "@/lib/i18n";

import type { Language } from "../shapes";

export const LANGUAGES: readonly Language[] = ["en", "de", "fr", "es", "it", "cs", "uk", "pl"];

export function languageName(code: string): string {
  const name = new Intl.DisplayNames([language.value], { type: "language" }).of(code) ?? code;
  return name.charAt(0).toLocaleUpperCase(language.value) + name.slice(1);
}
