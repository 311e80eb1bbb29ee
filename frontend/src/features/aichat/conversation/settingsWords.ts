import { dictionary } from "@/lib/i18n";

/** What holds for every answer of one chat. */
export const t = dictionary({
  en: {
    systemPrompt: "Instructions",
    systemPromptHint: "What the model should always keep in mind in this chat, for example “Answer briefly”.",
    temperature: "Temperature",
    temperatureHint: "0 is strict, 2 is wild. Empty: the model’s own.",
    temperatureRange: "A number from 0 to 2.",
    noTemperature: "{model} takes no temperature: it chooses its own.",
    temperatureWithNone: "{model} takes a temperature only with the effort “{effort}”.",
    readEverything: "Read the whole chat",
    readEverythingHint: "Also of a very long chat the model reads all there is room for. Each question costs more then.",
  },
  uk: {
    systemPrompt: "Вказівки",
    systemPromptHint: "Що модель має завжди враховувати в цьому чаті, наприклад «Відповідай стисло».",
    temperature: "Температура",
    temperatureHint: "0 — строго, 2 — дико. Порожньо: як вирішить модель.",
    temperatureRange: "Число від 0 до 2.",
    noTemperature: "{model} не приймає температури: обирає її сама.",
    temperatureWithNone: "{model} приймає температуру лише із зусиллям «{effort}».",
    readEverything: "Читати весь чат",
    readEverythingHint: "Навіть із дуже довгого чату модель прочитає все, що вміщується. Кожне запитання тоді дорожче.",
  },
});
