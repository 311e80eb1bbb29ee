import { dictionary } from "@/lib/i18n";

/** Choosing a model and an effort, and what it will cost. */
export const t = dictionary({
  en: {
    model: "Model: {name}",
    demo: "demo",
    ends: "until {date}",
    effort: "Effort: {name}",
    effortWord: "Effort",
    effortUnset: "Its own",
    effortNone: "None",
    effortMinimal: "Minimal",
    effortLow: "Low",
    effortMedium: "Medium",
    effortHigh: "High",
    effortXhigh: "Extra",
    effortMax: "Max",
    usualEffort: "as the model does by itself",
    lessThought: "answers at once",
    moreThought: "thinks longer, costs more",
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
    endedText: "{name} was switched off by its maker on {date}.",
    endedAsk: "Go on with {successor}?",
    endedChoose: "Choose another model.",
    goOn: "Go on",
    choose: "Choose",
    chooseOther: "Choose another model",
  },
  uk: {
    model: "Модель: {name}",
    demo: "демо",
    ends: "до {date}",
    effort: "Зусилля: {name}",
    effortWord: "Зусилля",
    effortUnset: "Власне",
    effortNone: "Жодне",
    effortMinimal: "Найменше",
    effortLow: "Мале",
    effortMedium: "Середнє",
    effortHigh: "Велике",
    effortXhigh: "Надвелике",
    effortMax: "Найбільше",
    usualEffort: "як модель робить сама",
    lessThought: "відповідає одразу",
    moreThought: "думає довше, коштує більше",
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
    endedText: "Виробник вимкнув {name} {date}.",
    endedAsk: "Продовжити з {successor}?",
    endedChoose: "Оберіть іншу модель.",
    goOn: "Продовжити",
    choose: "Обрати",
    chooseOther: "Обрати іншу модель",
  },
});

type Named = "effortNone" | "effortMinimal" | "effortLow" | "effortMedium" | "effortHigh" | "effortXhigh" | "effortMax";

const EFFORTS: Readonly<Partial<Record<string, Named>>> = {
  none: "effortNone",
  minimal: "effortMinimal",
  low: "effortLow",
  medium: "effortMedium",
  high: "effortHigh",
  xhigh: "effortXhigh",
  max: "effortMax",
};

/** An effort as the menu calls it; one that came after this client by its own name. */
export function effortName(effort: string): string {
  const known = EFFORTS[effort];
  return known === undefined ? effort : t(known);
}
