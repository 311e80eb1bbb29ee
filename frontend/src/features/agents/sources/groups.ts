import type { AgentFunction } from "../shapes";

export interface Group {
  /** A tag of the document; empty for what has none. */
  name: string;
  functions: readonly AgentFunction[];
}

/** By tag, in the order they come in, and within a tag those that only read first. */
export function groupsOf(functions: readonly AgentFunction[]): Group[] {
  const groups = new Map<string, AgentFunction[]>();
  for (const one of functions) {
    const name = tagOf(one);
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  const readsFirst = (a: AgentFunction, b: AgentFunction) => Number(a.effect === "write") - Number(b.effect === "write");
  return [...groups].map(([name, all]) => ({ name, functions: all.sort(readsFirst) }));
}

/** Where the document names none: the first part of the address, which mostly is what a tag would be. */
function tagOf(one: AgentFunction): string {
  const { tag } = one as { tag?: string };
  if (tag !== undefined && tag !== "") return tag;
  try {
    const parts = decodeURI(new URL(one.endpoint_url).pathname).split("/").filter((part) => part !== "" && !/^(?:api|v\d+|\{.*\})$/i.test(part));
    return parts[0] ?? "";
  } catch {
    return "";
  }
}
