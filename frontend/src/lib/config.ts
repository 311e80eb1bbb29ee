/** What this server has: read once at the start, before the first route is shown. */
import { signal } from "@preact/signals";

import { api } from "./api";
import type { Config } from "./api";

export const config = signal<Config | null>(null);

export async function loadConfig(): Promise<void> {
  config.value = await api.get<Config>("/api/config");
}

export function hasModule(name: string): boolean {
  return config.value?.modules.includes(name) ?? false;
}
