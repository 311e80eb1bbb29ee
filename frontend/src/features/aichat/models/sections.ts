/** Which models the menu shows, and under which headings. */
import type { Model } from "../shapes";
import type { Kept } from "./kept";

export interface Section {
  /** A maker's own name stands for the models of it. */
  readonly kind: "pinned" | "recent" | "maker" | "more" | "ending" | "found";
  readonly maker: string;
  readonly models: readonly Model[];
}

interface Wishes {
  readonly kept: Kept;
  readonly query: string;
}

/**
 * Pinned ones and the last used on top, then groups by maker, then all others and those that end; a model stands in one
 * place only, so that the arrows meet nothing twice. What is searched for is one list.
 */
export function sectionsOf(all: readonly Model[], { kept, query }: Wishes): readonly Section[] {
  const models = all.filter((model) => model.group !== "ended");
  if (query.trim() !== "") return filled([section("found", models.filter((model) => matches(model, query)))]);
  const pinned = inOrder(models, kept.pinned);
  const recent = inOrder(models, kept.recent).filter((model) => !pinned.includes(model));
  const others = models.filter((model) => !pinned.includes(model) && !recent.includes(model));
  const main = others.filter((model) => model.group === "main");
  const makers = [...new Set(main.map((model) => model.maker))];
  return filled([
    section("pinned", pinned),
    section("recent", recent),
    ...makers.map((maker) => section("maker", main.filter((model) => model.maker === maker), maker)),
    section("more", others.filter((model) => model.group === "more")),
    section("ending", others.filter((model) => model.group === "ending")),
  ]);
}

/** Every word of the query is in the name, the maker or the id; `gpt6` finds GPT-6 too. */
export function matches(model: Model, query: string): boolean {
  const text = `${model.name} ${model.maker} ${model.id}`.toLowerCase();
  const run = text.replaceAll(/[\s._/-]+/g, "");
  const words = query.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return words.every((word) => text.includes(word) || run.includes(word));
}

/** The ones to offer where there is no room for all: what this person uses, then those that stand in front. */
export function shortList(all: readonly Model[], kept: Kept, most: number): readonly Model[] {
  const first = [...kept.pinned, ...kept.recent];
  const usable = all.filter(({ id, available, group }) => available && group !== "ended" && (group !== "ending" || first.includes(id)));
  const rank = (model: Model) => {
    const index = first.indexOf(model.id);
    return index < 0 ? first.length + (model.group === "main" ? 0 : 1) : index;
  };
  return [...usable].sort((a, b) => rank(a) - rank(b)).slice(0, most);
}

function section(kind: Section["kind"], models: readonly Model[], maker = ""): Section {
  return { kind, maker, models };
}

function filled(sections: readonly Section[]): readonly Section[] {
  return sections.filter(({ models }) => models.length > 0);
}

function inOrder(models: readonly Model[], ids: readonly string[]): readonly Model[] {
  return ids.flatMap((id) => models.find((model) => model.id === id) ?? []);
}
