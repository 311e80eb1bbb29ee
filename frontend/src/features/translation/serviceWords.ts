/** What a service is called, keeps and lacks: the server says it in English, here are the services we know. */
import { dictionary } from "@/lib/i18n";

import type { Service } from "./shapes";

const t = dictionary({
  en: {
    llm: "Language model",
    demo: "Demo",
    noModel: "No language model is connected.",
    noDemo: "Demos are switched off here.",
    noKey: "Whoever runs this server has not set it up ({variable}).",
    keepsDeepl:
      "Texts and files go to DeepL (Germany). With a paid key it keeps none of them after translating; with a free one it may use them to improve its service.",
    keepsOtranslator: "Texts and files go to OTranslator, which does not say how long it keeps them.",
    keepsLlm: "Texts go to the maker of the model, or stay on this machine with a model that runs here.",
    keepsLibretranslate: "Texts go to a LibreTranslate server that the operators of this site chose; it keeps none.",
    keepsDemo: "A demo inside this server: nothing leaves it, and nothing is translated.",
  },
  uk: {
    llm: "Мовна модель",
    demo: "Демо",
    noModel: "Жодної мовної моделі не під’єднано.",
    noDemo: "Демо тут вимкнено.",
    noKey: "Власник сервера її не налаштував ({variable}).",
    keepsDeepl:
      "Тексти й файли йдуть до DeepL (Німеччина). Із платним ключем після перекладу там нічого не лишається; з безкоштовним їх можуть використати, щоб поліпшити службу.",
    keepsOtranslator: "Тексти й файли йдуть до OTranslator; як довго там їх зберігають, не сказано.",
    keepsLlm: "Тексти йдуть до того, чия модель, або лишаються на цій машині, якщо модель працює тут.",
    keepsLibretranslate: "Тексти йдуть на сервер LibreTranslate, який вибрали власники цього сайту; він нічого не зберігає.",
    keepsDemo: "Демо всередині цього сервера: ніщо його не залишає, і нічого не перекладається.",
  },
});

const KEEPS = {
  deepl: "keepsDeepl",
  otranslator: "keepsOtranslator",
  llm: "keepsLlm",
  libretranslate: "keepsLibretranslate",
  demo: "keepsDemo",
} as const;

/** Brands are the same everywhere. */
export function serviceName(id: string, label: string): string {
  return id === "llm" || id === "demo" ? t(id) : label;
}

/** What it keeps of what it is sent; of one we do not know the server's own sentence. */
export function keepsText(id: string, said: string): string {
  return id in KEEPS ? t(KEEPS[id as keyof typeof KEEPS]) : said;
}

/** Why a service is off. */
export function reasonText({ id, reason }: Pick<Service, "id" | "reason">): string {
  if (id === "llm") return t("noModel");
  if (id === "demo") return t("noDemo");
  const variable = /^([A-Z][A-Z_]+) is not set\.$/.exec(reason)?.[1];
  return variable === undefined ? reason : t("noKey", { variable });
}
