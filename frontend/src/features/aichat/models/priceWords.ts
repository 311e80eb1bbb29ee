import { dictionary } from "@/lib/i18n";

/** What sending would cost, or why it cannot be sent. */
export const t = dictionary({
  en: {
    willCost: "{prompt} tokens in · usually {typical} · at most {most}",
    willCostMoney: "{prompt} tokens in · usually {typical} ({money}) · at most {most} ({mostMoney})",
    willStep: "Above {tokens} tokens all of it costs {times} times as much: {money}, at most {mostMoney}",
    willStepPlain: "Above {tokens} tokens all of it costs {times} times as much",
    costTitle: "Tokens: {prompt} for what is sent, with the answer usually {typical}, at most {most}",
    tooDear: "Not enough tokens left for the effort {effort}.",
    notEnough: "Not enough tokens left: {prompt} in, {left} left.",
    useEffort: "Take {effort}",
    willLeaveOut: {
      one: "{count} old message will be left out",
      other: "{count} old messages will be left out",
    },
    tooLong: "{count} characters too many",
  },
  uk: {
    willCost: "Токенів на вхід {prompt} · зазвичай {typical} · щонайбільше {most}",
    willCostMoney: "Токенів на вхід {prompt} · зазвичай {typical} ({money}) · щонайбільше {most} ({mostMoney})",
    willStep: "Понад {tokens} токенів усе коштує в {times} рази більше: {money}, щонайбільше {mostMoney}",
    willStepPlain: "Понад {tokens} токенів усе коштує в {times} рази більше",
    costTitle: "Токени: {prompt} за надіслане, разом із відповіддю зазвичай {typical}, щонайбільше {most}",
    tooDear: "Для зусилля «{effort}» не вистачає токенів.",
    notEnough: "Не вистачає токенів: надсилається {prompt}, лишилося {left}.",
    useEffort: "Узяти «{effort}»",
    willLeaveOut: {
      one: "{count} старе повідомлення не врахується",
      few: "{count} старі повідомлення не врахуються",
      many: "{count} старих повідомлень не врахується",
      other: "{count} старого повідомлення не врахується",
    },
    tooLong: "Забагато символів на {count}",
  },
});
