import { dictionary } from "@/lib/i18n";

import type { Reason, RunState, StepState } from "../shapes";

/** What several screens say. */
export const t = dictionary({
  en: {
    agents: "Agents",
    tokens: { one: "{count} token", other: "{count} tokens" },
    steps: { one: "{count} step", other: "{count} steps" },
    calls: { one: "{count} call", other: "{count} calls" },
    seconds: "{seconds} s",
    bytes: "{size}",
    read: "Reads",
    write: "Writes",
    cancel: "Cancel",
    close: "Close",
    save: "Save",
    saved: "Saved",
    remove: "Delete",
    copy: "Copy",
    copied: "Copied",
    tryAgain: "Try again",
    more: "More",
    inside: "inside Kintsugi",
    queued: "Waits its turn",
    running: "Runs",
    waiting: "Waits for a yes",
    complete: "Done",
    stopped: "Stopped",
    limited: "Ended at a limit",
    failed: "Failed",
    open: "Writes",
    broken: "Is tried again",
    planned: "Is about to call",
    asking: "Asks first",
    sending: "Calls",
    done: "Done",
    denied: "Not allowed",
    unknown: "Not known whether it was done",
  },
  uk: {
    agents: "Агенти",
    tokens: { one: "{count} токен", few: "{count} токени", many: "{count} токенів", other: "{count} токена" },
    steps: { one: "{count} крок", few: "{count} кроки", many: "{count} кроків", other: "{count} кроку" },
    calls: { one: "{count} виклик", few: "{count} виклики", many: "{count} викликів", other: "{count} виклику" },
    seconds: "{seconds} с",
    bytes: "{size}",
    read: "Читає",
    write: "Змінює",
    cancel: "Скасувати",
    close: "Закрити",
    save: "Зберегти",
    saved: "Збережено",
    remove: "Видалити",
    copy: "Скопіювати",
    copied: "Скопійовано",
    tryAgain: "Спробувати ще раз",
    more: "Ще",
    inside: "усередині Kintsugi",
    queued: "Чекає черги",
    running: "Працює",
    waiting: "Чекає на згоду",
    complete: "Готово",
    stopped: "Зупинено",
    limited: "Завершено на межі",
    failed: "Не вдалося",
    open: "Пише",
    broken: "Пробує ще раз",
    planned: "Збирається викликати",
    asking: "Спершу питає",
    sending: "Викликає",
    done: "Готово",
    denied: "Не дозволено",
    unknown: "Невідомо, чи це зроблено",
  },
});

const REASONS = {
  en: {
    steps: "It has taken as many steps as it may.",
    calls: "It has called as often as it may.",
    seconds: "It has taken as long as it may.",
    tokens: "It has used as many tokens as one run may.",
    repeats: "It was going in a circle: the same call with the same arguments, again and again.",
    arguments: "The model could not fill in what a function wants.",
    payer_tokens: "Your tokens are used up. What it has done is kept: continue when you have some again.",
    owner_budget: "What its owner gives others for a day is used up. It can be continued after midnight UTC.",
    plan: "The plan of its owner does not include agents.",
    paused: "All agents in the conversation were stopped.",
    removed: "It was taken out of the conversation.",
    denied: "What it asked for was not allowed.",
    taken_back: "The message it was answering was taken back.",
    asked: "Somebody stopped it.",
    model_unavailable: "The model did not answer, three times in a row. Try again in a moment, or choose another model.",
    lost: "It was lost on our side. Nothing was called twice; start it again.",
  },
  uk: {
    steps: "Зроблено стільки кроків, скільки можна.",
    calls: "Зроблено стільки викликів, скільки можна.",
    seconds: "Минуло стільки часу, скільки можна.",
    tokens: "Використано стільки токенів, скільки можна за один запуск.",
    repeats: "Він ходив колом: той самий виклик із тими самими аргументами знову й знову.",
    arguments: "Модель не змогла заповнити того, чого хоче функція.",
    payer_tokens: "Ваші токени вичерпано. Зроблене збережено: продовжте, коли вони знову будуть.",
    owner_budget: "Вичерпано те, що власник дає іншим на день. Продовжити можна після опівночі за UTC.",
    plan: "План власника не містить агентів.",
    paused: "Усіх агентів у розмові зупинено.",
    removed: "Його вилучено з розмови.",
    denied: "Того, про що він питав, не дозволили.",
    taken_back: "Повідомлення, на яке він відповідав, відкликано.",
    asked: "Його зупинили.",
    model_unavailable: "Модель тричі поспіль не відповіла. Спробуйте за хвилину або оберіть іншу.",
    lost: "Він загубився з нашого боку. Нічого не викликано двічі; запустіть ще раз.",
  },
};

const reasons = dictionary(REASONS);

export function stateName(state: RunState | StepState): string {
  return t(state);
}

/** Ends that another budget helps against. */
const BOUNDS: readonly Reason[] = ["steps", "calls", "seconds", "tokens", "repeats", "arguments", "payer_tokens", "owner_budget"];

export function canGoOn(reason: Reason | null): boolean {
  return reason !== null && BOUNDS.includes(reason);
}

/** A later server may know more of them. */
export function isReason(value: string | null | undefined): value is Reason {
  return value != null && value in REASONS.en;
}

/** Why it ended, in a sentence. */
export function reasonText(reason: Reason): string {
  return reasons(reason);
}
