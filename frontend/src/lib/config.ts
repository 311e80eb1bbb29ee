/** What this server has: known before the first route is shown. */
import { signal } from "@preact/signals";

import { api } from "./api";
import type { Config } from "./api";

export const config = signal<Config | null>(null);

/** It stands in the page, which asks for it only where it does not. */
export async function loadConfig(): Promise<void> {
  const told = document.getElementById("config")?.textContent;
  config.value = told === undefined ? await api.get("/api/config") : (JSON.parse(told) as Config);
}

export function hasModule(name: string): boolean {
  return config.value?.modules.includes(name) ?? false;
}

/** As an attribute of a field a length must fit into 32 bits. */
const WITHOUT_END = 2 ** 31 - 1;

/**
 * A limit of the server, to be said before the server has to. None while it is not known, and none of a module that is
 * not there: the server decides in any case.
 */
export function limit(name: keyof Config["limits"]): number {
  return config.value?.limits[name] ?? (name.startsWith("min_") ? 0 : WITHOUT_END);
}
