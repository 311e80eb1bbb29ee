import { dictionary } from "@/lib/i18n";

import { price } from "./model/money";

/** What more than one part of translation says. */
export const t = dictionary({
  en: {
    title: "Translation",
    text: "Text",
    files: "Files",
    glossaries: "Glossaries",
    history: "History",
    parts: "Parts of translation",
    nothing: "This page does not exist",
    toText: "Translate a text",
    characters: { one: "{count} character", other: "{count} characters" },
    units: { one: "{count} unit", other: "{count} units" },
    tokens: "≈ {count} tokens",
    per: "{price} per 1,800 characters",
    free: "free",
    demo: "Demo",
    demoHint: "No real service is set up here: the demo puts a mark before the text instead of translating it.",
    detect: "Detect language",
    pair: "{from} → {to}",
    tryAgain: "Try again",
    seePlans: "See the plans",
    delete: "Delete",
    deleted: "Deleted",
    cancel: "Cancel",
    services: "Service",
    pages: { one: "{count} page", other: "{count} pages" },
    glossary: "Glossary",
    noGlossary: "None",
    noGlossaryYet: "Words that are always to be translated in the same way:",
    makeGlossary: "make a glossary",
  },
  uk: {
    title: "Переклад",
    text: "Текст",
    files: "Файли",
    glossaries: "Глосарії",
    history: "Історія",
    parts: "Розділи перекладу",
    nothing: "Такої сторінки немає",
    toText: "Перекласти текст",
    characters: { one: "{count} символ", few: "{count} символи", many: "{count} символів", other: "{count} символу" },
    units: { one: "{count} одиниця", few: "{count} одиниці", many: "{count} одиниць", other: "{count} одиниці" },
    tokens: "≈ {count} токенів",
    per: "{price} за 1800 символів",
    free: "безкоштовно",
    demo: "Демо",
    demoHint: "Справжньої служби тут не налаштовано: демо не перекладає, а лише ставить позначку перед текстом.",
    detect: "Визначити мову",
    pair: "{from} → {to}",
    tryAgain: "Спробувати ще раз",
    seePlans: "Переглянути плани",
    delete: "Видалити",
    deleted: "Видалено",
    cancel: "Скасувати",
    services: "Служба",
    pages: { one: "{count} сторінка", few: "{count} сторінки", many: "{count} сторінок", other: "{count} сторінки" },
    glossary: "Глосарій",
    noGlossary: "Без глосарія",
    noGlossaryYet: "Слова, які завжди слід перекладати однаково:",
    makeGlossary: "створити глосарій",
  },
});

/** An amount in words; none is free. */
export function costText(cost: string | number, currency: string): string {
  return Number(cost) === 0 ? t("free") : price(cost, currency);
}
