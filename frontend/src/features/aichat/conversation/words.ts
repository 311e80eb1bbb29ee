import type { ApiError } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { dictionary } from "@/lib/i18n";

import { effortName } from "../models/words";

/** What a model thought, what an answer took, and the ways on when there is none. */
export const t = dictionary({
  en: {
    sendTo: "Send to…",
    thinking: "Thinking",
    thinkingFor: "Thinking · {time}",
    thoughtFor: "Thought {time}",
    thought: "Thought",
    thoughtTokens: { one: "{count} token", other: "{count} tokens" },
    seconds: "{seconds} s",
    minutes: "{minutes} min {seconds} s",
    thoughts: "Thoughts of the model",
    thoughtsHint: "Its thoughts are no part of the answer: they are neither copied nor sent on.",
    receipt: "What it took",
    receiptRead: "Read",
    receiptCached: "of it from the cache",
    receiptStored: "of it into the cache",
    receiptThought: "Thought",
    receiptWrote: "Wrote",
    receiptTotal: "Together",
    receiptHeld: "Held beforehand",
    receiptReleased: "of it released",
    receiptCost: "Cost",
    receiptEffort: "Effort",
    receiptModel: "Model",
    tokens: { one: "{count} token", other: "{count} tokens" },
    priced: "at prices of {date}",
    receiptEstimated: "The provider told no numbers: these are estimated.",
    askOther: "Ask {model}",
    twiceTheRoom: "Twice the room",
    withEffort: "Ask with {effort}",
    lowerEffort: "Lower effort: {effort}",
    goOnWith: "Go on with {model}",
    refused: "The maker of the model declines to answer this. Put it otherwise, or choose another model.",
    notSentOn: "Not sent on: later questions leave this out.",
    effort_too_dear: "Not enough tokens are left for the effort {effort}.",
    succeeded: "{model} answers in place of {before}, which its maker has switched off.",
  },
  uk: {
    sendTo: "Надіслати…",
    thinking: "Думає",
    thinkingFor: "Думає · {time}",
    thoughtFor: "Думала {time}",
    thought: "Думала",
    thoughtTokens: {
      one: "{count} токен",
      few: "{count} токени",
      many: "{count} токенів",
      other: "{count} токена",
    },
    seconds: "{seconds} с",
    minutes: "{minutes} хв {seconds} с",
    thoughts: "Роздуми моделі",
    thoughtsHint: "Роздуми не є частиною відповіді: їх не копіюють і не надсилають далі.",
    receipt: "Що витрачено",
    receiptRead: "Прочитано",
    receiptCached: "з них із кешу",
    receiptStored: "з них до кешу",
    receiptThought: "На роздуми",
    receiptWrote: "Написано",
    receiptTotal: "Разом",
    receiptHeld: "Відкладено наперед",
    receiptReleased: "з них повернено",
    receiptCost: "Вартість",
    receiptEffort: "Зусилля",
    receiptModel: "Модель",
    tokens: {
      one: "{count} токен",
      few: "{count} токени",
      many: "{count} токенів",
      other: "{count} токена",
    },
    priced: "за цінами від {date}",
    receiptEstimated: "Постачальник не назвав чисел: вони приблизні.",
    askOther: "Запитати {model}",
    twiceTheRoom: "Удвічі більше місця",
    withEffort: "Запитати: {effort}",
    lowerEffort: "Менше зусилля: {effort}",
    goOnWith: "Продовжити з {model}",
    refused: "Виробник моделі відмовляється відповідати на це. Скажіть інакше або оберіть іншу модель.",
    notSentOn: "Далі не надсилається: наступні запитання цього не враховують.",
    effort_too_dear: "Для зусилля «{effort}» не вистачає токенів.",
    succeeded: "Відповідає {model} замість {before}, яку вимкнув її виробник.",
  },
});

/** What went wrong with an answer: in the reader's language where the way on needs it, else as everywhere. */
export function troubleText(error: ApiError): string {
  const { effort } = error.context;
  const names = error.code === "effort_too_dear" && typeof effort === "string";
  return names ? t("effort_too_dear", { effort: effortName(effort) }) : errorText(error);
}

/** How long something took, in words; what took less than a second took one. */
export function duration(milliseconds: number): string {
  const all = Math.max(1, Math.round(milliseconds / 1000));
  const [minutes, seconds] = [Math.floor(all / 60), all % 60];
  return minutes === 0 ? t("seconds", { seconds }) : t("minutes", { minutes, seconds });
}
