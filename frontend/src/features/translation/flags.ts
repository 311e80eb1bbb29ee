import { dictionary } from "@/lib/i18n";

const t = dictionary({
  en: {
    empty: "nothing came back",
    untranslated: "left as it was",
    numbers: "numbers differ",
    placeholders: "a link or placeholder differs",
    length: "much longer or shorter",
    language: "in another language",
    talk: "the model talked about it",
    glossary: "a word of the glossary is missing",
    missing: "no translation came",
    marker_missing: "formatting was lost",
    marker_unknown: "formatting was added",
    marker_repeated: "formatting stands there twice",
    marker_crossed: "formatting is crossed",
    marker_torn: "formatting is torn",
    formality_ignored: "the service has no forms of address",
    glossary_ignored: "the service does not use glossaries",
    instructions_ignored: "the service takes no instructions",
  },
  uk: {
    empty: "нічого не повернулося",
    untranslated: "лишилося як було",
    numbers: "числа відрізняються",
    placeholders: "відрізняється посилання чи змінна",
    length: "набагато довше чи коротше",
    language: "іншою мовою",
    talk: "модель міркувала вголос",
    glossary: "бракує слова з глосарія",
    missing: "переклад не надійшов",
    marker_missing: "зникло оформлення",
    marker_unknown: "додалося оформлення",
    marker_repeated: "оформлення повторюється",
    marker_crossed: "оформлення переплуталося",
    marker_torn: "оформлення розірвано",
    formality_ignored: "служба не розрізняє звертань",
    glossary_ignored: "служба не використовує глосаріїв",
    instructions_ignored: "служба не бере вказівок",
  },
});

const KNOWN = [
  "empty",
  "untranslated",
  "numbers",
  "placeholders",
  "length",
  "language",
  "talk",
  "glossary",
  "missing",
  "marker_missing",
  "marker_unknown",
  "marker_repeated",
  "marker_crossed",
  "marker_torn",
  "formality_ignored",
  "glossary_ignored",
  "instructions_ignored",
] as const;

/** What is wrong with a segment; what a newer server has found stands as it calls it. */
export function flagText(flag: string): string {
  const known = KNOWN.find((one) => one === flag);
  return known === undefined ? flag.replaceAll("_", " ") : t(known);
}
