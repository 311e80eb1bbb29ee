/** What a service is called and lacks: the server says it in English, here are the services we know. */
import { dictionary } from "@/lib/i18n";

import type { Service } from "./shapes";

const t = dictionary({
  en: {
    llm: "Language model",
    demo: "Demo",
    noModel: "No language model is connected.",
    noDemo: "Demos are switched off here.",
    noKey: "Whoever runs this server has not set it up ({variable}).",
  },
  uk: {
    llm: "Мовна модель",
    demo: "Демо",
    noModel: "Жодної мовної моделі не під’єднано.",
    noDemo: "Демо тут вимкнено.",
    noKey: "Власник сервера її не налаштував ({variable}).",
  },
});

/** Brands are the same everywhere. */
export function serviceName(id: string, label: string): string {
  return id === "llm" || id === "demo" ? t(id) : label;
}

/** Why a service is off. */
export function reasonText({ id, reason }: Pick<Service, "id" | "reason">): string {
  if (id === "llm") return t("noModel");
  if (id === "demo") return t("noDemo");
  const variable = /^([A-Z][A-Z_]+) is not set\.$/.exec(reason)?.[1];
  return variable === undefined ? reason : t("noKey", { variable });
}
