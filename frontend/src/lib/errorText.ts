import { effect, signal } from "@preact/signals";

import { ApiError } from "./api";
import { clock } from "./countdown";
import { dictionary, language } from "./i18n";

/** Said in our own words in both languages: they say more than the server's sentence, or the server never said any. */
const t = dictionary({
  en: {
    network: "The server cannot be reached. Check your connection and try again.",
    bad_response: "The server is in trouble. Try again in a moment.",
    rate_limited: "Too many requests. Try again in {time}.",
    locked_out: "Too many failed attempts. Try again in {time}.",
    not_found: "This is not here. It may have been deleted, or is not yours.",
    token_limit_exceeded: "Your tokens are used up.",
    upgrade_required: "Your plan does not include this.",
    sign_in_again: "For your safety: sign out, sign in again, then repeat this within 15 minutes.",
    mail_unavailable: "This server cannot send mail. Ask whoever runs it.",
    unreadable: "The server cannot read this.",
    unknown: "Something went wrong.",
  },
  uk: {
    network: "Немає зв’язку із сервером. Перевірте з’єднання й спробуйте ще раз.",
    bad_response: "На сервері щось негаразд. Спробуйте за хвилину.",
    rate_limited: "Забагато запитів. Спробуйте через {time}.",
    locked_out: "Забагато невдалих спроб. Спробуйте через {time}.",
    not_found: "Цього тут немає. Можливо, його видалили, або воно не ваше.",
    token_limit_exceeded: "Ваші токени вичерпано.",
    upgrade_required: "Ваш план цього не містить.",
    sign_in_again: "Задля вашої безпеки: вийдіть, увійдіть знову й повторіть це протягом 15 хвилин.",
    mail_unavailable: "Цей сервер не може надсилати пошту. Зверніться до його власника.",
    unreadable: "Сервер не може цього прочитати.",
    unknown: "Щось пішло не так.",
  },
});

const ukrainian = signal<Readonly<Record<string, string>> | null>(null);

// Before the first error: one that is told meanwhile is told in the server's own words.
effect(() => {
  if (language.value === "uk") void loadUkrainian();
});

/** Without it the server's sentence is shown; the next error tries again. */
async function loadUkrainian(): Promise<void> {
  try {
    ukrainian.value ??= (await import("./errorWords")).UKRAINIAN;
  } catch {
    // Nothing is lost but the language.
  }
}

/** A sentence in the reader's language: ours by the error's code, else the server's own. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return t("unknown");
  switch (error.code) {
    case "rate_limited":
    case "locked_out":
      return t(error.code, { time: clock(error.retryAfter ?? 60) });
    case "network":
    case "bad_response":
    case "not_found":
    case "token_limit_exceeded":
    case "upgrade_required":
    case "sign_in_again":
    case "mail_unavailable":
    case "unreadable":
      return t(error.code);
    default:
      return translated(error.code, error.message);
  }
}

function translated(code: string, sentence: string): string {
  if (language.value !== "uk") return sentence;
  const words = ukrainian.value;
  if (words === null) void loadUkrainian();
  const said = words !== null && Object.hasOwn(words, code) ? words[code] : undefined;
  return said?.replace("{sentence}", sentence).trim() ?? sentence;
}
