import { dictionary } from "@/lib/i18n";

export const t = dictionary({
  en: {
    lead: "Essays, articles, reports and theses, written from sources that can be checked. You see the outline and the price first.",
    start: "Start a document",
    yours: "Your documents",
    empty: "No documents yet",
    emptyText:
      "Name a topic and a number of pages. You get an outline to change as you like; only then is anything written, and every citation points at a source that was found, with the words it rests on.",
    pagesOf: "{pages} of {planned}",
    planned: "{pages} planned",
    actions: "Actions for {name}",
    deleteTitle: "Delete this document?",
    deleteText: "Its text, sources and files go with it. What is being written stops.",
    deleted: "Deleted",
    changed: "changed {date}",
  },
  uk: {
    lead: "Есе, статті, звіти й кваліфікаційні роботи на основі джерел, які можна перевірити. Спершу ви бачите план і ціну.",
    start: "Почати документ",
    yours: "Ваші документи",
    empty: "Документів ще немає",
    emptyText:
      "Назвіть тему й кількість сторінок. Ви отримаєте план, який можна змінити на свій розсуд; лише тоді починається письмо, і кожне посилання веде до знайденого джерела та слів, на які воно спирається.",
    pagesOf: "{pages} із {planned}",
    planned: "заплановано {pages}",
    actions: "Дії для «{name}»",
    deleteTitle: "Видалити цей документ?",
    deleteText: "Разом із ним зникнуть його текст, джерела й файли. Те, що зараз пишеться, зупиниться.",
    deleted: "Видалено",
    changed: "змінено {date}",
  },
});
