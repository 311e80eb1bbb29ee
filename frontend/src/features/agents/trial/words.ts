import { dictionary } from "@/lib/i18n";

export const t = dictionary({
  en: {
    back: "All agents",
    make: "Make it yours",
    about: "What it is",
    has: "What it is told and may call",
    task: "Its task",
    calls: "What it may call",
    server: "Three tools of an MCP server inside Kintsugi",
    none: "There is no such template here",
    noneText: "The operator may have taken out what it needs.",
  },
  uk: {
    back: "Усі агенти",
    make: "Зробити своїм",
    about: "Що це",
    has: "Його завдання й функції",
    task: "Його завдання",
    calls: "Що він може викликати",
    server: "Три інструменти сервера MCP, що є в самому Kintsugi",
    none: "Такого шаблону тут немає",
    noneText: "Можливо, оператор вилучив те, що йому потрібно.",
  },
});
