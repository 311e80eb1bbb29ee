import { dictionary } from "@/lib/i18n";

/** What is said above the field of a model that cannot answer as it is asked. */
export const t = dictionary({
  en: {
    blind: "{model} cannot see pictures. Ask one that can, or send words alone.",
    allBlind: "{model} cannot see pictures, and no other model here can: send words alone.",
    askSeeing: "Ask {model}",
    endedText: "{name} was switched off by its maker on {date}.",
    endedAsk: "Go on with {successor}?",
    endedChoose: "Choose another model.",
    goOn: "Go on",
    choose: "Choose",
    chooseOther: "Choose another model",
  },
  uk: {
    blind: "{model} не бачить зображень. Запитайте ту, що бачить, або надішліть лише слова.",
    allBlind: "{model} не бачить зображень, як і жодна інша модель тут: надішліть лише слова.",
    askSeeing: "Запитати {model}",
    endedText: "Виробник вимкнув {name} {date}.",
    endedAsk: "Продовжити з {successor}?",
    endedChoose: "Оберіть іншу модель.",
    goOn: "Продовжити",
    choose: "Обрати",
    chooseOther: "Обрати іншу модель",
  },
});
