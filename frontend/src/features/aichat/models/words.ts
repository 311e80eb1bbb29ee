import { dictionary } from "@/lib/i18n";

/** Choosing a model and an effort. */
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
