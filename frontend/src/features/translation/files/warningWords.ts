import { dictionary } from "@/lib/i18n";

const t = dictionary({
  en: {
    not_counted: "Nobody here can read this format, so its characters are not counted before: the service does that.",
    repaired: "The file was damaged and has been repaired; compare the result with your copy.",
    pages_without_text: "Some pages are pictures of text. They stay as they are unless the service reads pictures.",
    pages_moved: "Pages came back in another number: links lead to about the right place.",
    tags_lost: "Marks for screen readers are lost.",
    has_forms: "It has fields to fill in: what is written in them stays as it is.",
    has_signature: "It is signed: the translation cannot bear that signature.",
    has_attachments: "Files attached to it are not translated.",
    has_scripts: "Scripts in it are not looked at.",
    plural_forms_alike: "All plural forms get the same translation: look at them afterwards.",
    block_kept: "Some blocks could not be taken apart and stay as they are.",
    chapter_not_well_formed: "A chapter is not well formed and stays as it is.",
    preformatted_kept: "Code and preformatted text stay as they are.",
    table_heads_kept: "Heads of tables stay as they are, because formulas refer to them.",
    outline_kept: "The titles in the table of contents of the file stay as they were: the service did not translate them.",
  },
  uk: {
    not_counted: "Цього формату тут ніхто не читає, тож символи наперед не пораховано: це зробить служба.",
    repaired: "Файл був пошкоджений, і його відновлено; порівняйте результат зі своєю копією.",
    pages_without_text: "Деякі сторінки — це зображення тексту. Вони лишаться як є, якщо служба не читає зображень.",
    pages_moved: "Кількість сторінок змінилася: посилання ведуть приблизно в потрібне місце.",
    tags_lost: "Позначки для програм читання з екрана губляться.",
    has_forms: "У файлі є поля для заповнення: вписане в них лишиться як є.",
    has_signature: "Файл підписано: переклад цього підпису мати не може.",
    has_attachments: "Вкладені файли не перекладаються.",
    has_scripts: "Скрипти у файлі не розглядаються.",
    plural_forms_alike: "Усі форми множини дістануть той самий переклад: перегляньте їх потім.",
    block_kept: "Деякі блоки не вдалося розібрати, вони лишаються як є.",
    chapter_not_well_formed: "Один розділ має помилки розмітки й лишається як є.",
    preformatted_kept: "Код і форматований текст лишаються як є.",
    table_heads_kept: "Заголовки таблиць лишаються як є, бо на них посилаються формули.",
    outline_kept: "Назви у змісті файлу лишилися як були: служба їх не переклала.",
  },
});

const KNOWN = [
  "not_counted",
  "repaired",
  "pages_without_text",
  "pages_moved",
  "tags_lost",
  "has_forms",
  "has_signature",
  "has_attachments",
  "has_scripts",
  "plural_forms_alike",
  "block_kept",
  "chapter_not_well_formed",
  "preformatted_kept",
  "table_heads_kept",
  "outline_kept",
] as const;

/** What one should know of a file; a code of a newer server is shown as words. */
export function warningText(code: string): string {
  const known = KNOWN.find((one) => one === code);
  return known === undefined ? code.replaceAll("_", " ") : t(known);
}
