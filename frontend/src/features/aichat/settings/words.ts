import { dictionary } from "@/lib/i18n";

/** What holds for all chats. */
export const t = dictionary({
  en: {
    instructions: "Instructions for all chats",
    instructionsHint:
      "What every model should know of you, and how it should answer. It stands before a chat’s own instructions and counts with each question.",
    save: "Save",
    saved: "Saved: it holds from the next question on",
    tooLong: { one: "{count} character too many", other: "{count} characters too many" },
    failed: "The settings could not be loaded",
    links: "Links to my chats",
    importTitle: "Bring chats along",
    importText:
      "From ChatGPT: Settings, Data controls, Export data; then choose the ZIP that was mailed to you, or conversations.json from it. Exports of Open WebUI and LibreChat are read as well. Branches are kept, pictures and files are not. The same export twice brings nothing twice.",
    choose: "Choose an export",
    exportTooLarge: "An export may have {size} MB here",
    exportTooLargeText: "Take conversations.json out of the ZIP, or pack it alone, and choose that.",
    sending: "Sending the export",
    working: "Importing",
    cancel: "Cancel",
    cancelled: "The import was cancelled. What had come in by then is in your list.",
    importFailed: "The import ended early",
    imported: { one: "{count} chat was imported.", other: "{count} chats were imported." },
    known: { one: "{count} was here already.", other: "{count} were here already." },
    unread: { one: "{count} could not be read:", other: "{count} could not be read:" },
    unnamed: { one: "and {count} more", other: "and {count} more" },
  },
  uk: {
    instructions: "Вказівки для всіх чатів",
    instructionsHint:
      "Що кожній моделі варто знати про вас і як їй відповідати. Стоїть перед вказівками самого чату й рахується з кожним запитанням.",
    save: "Зберегти",
    saved: "Збережено: діє з наступного запитання",
    tooLong: {
      one: "На {count} символ забагато",
      few: "На {count} символи забагато",
      many: "На {count} символів забагато",
      other: "На {count} символу забагато",
    },
    failed: "Не вдалося завантажити налаштування",
    links: "Посилання на мої чати",
    importTitle: "Перенести чати",
    importText:
      "З ChatGPT: Налаштування, Керування даними, Експорт даних; тоді оберіть ZIP, що надійшов поштою, або conversations.json із нього. Читаються також експорти Open WebUI та LibreChat. Гілки зберігаються, зображення й файли ні. Той самий експорт удруге нічого не подвоїть.",
    choose: "Обрати експорт",
    exportTooLarge: "Експорт тут може мати до {size} МБ",
    exportTooLargeText: "Дістаньте conversations.json із ZIP або запакуйте лише його, і оберіть його.",
    sending: "Надсилання експорту",
    working: "Імпорт",
    cancel: "Скасувати",
    cancelled: "Імпорт скасовано. Що встигло надійти, є у вашому списку.",
    importFailed: "Імпорт закінчився завчасно",
    imported: {
      one: "Імпортовано {count} чат.",
      few: "Імпортовано {count} чати.",
      many: "Імпортовано {count} чатів.",
      other: "Імпортовано {count} чату.",
    },
    known: {
      one: "{count} уже був тут.",
      few: "{count} уже були тут.",
      many: "{count} уже були тут.",
      other: "{count} уже було тут.",
    },
    unread: {
      one: "{count} не вдалося прочитати:",
      few: "{count} не вдалося прочитати:",
      many: "{count} не вдалося прочитати:",
      other: "{count} не вдалося прочитати:",
    },
    unnamed: { one: "і ще {count}", few: "і ще {count}", many: "і ще {count}", other: "і ще {count}" },
  },
});
