import { signal } from "@preact/signals";

import { api } from "@/lib/api";
import type { Schemas } from "@/lib/api";
import { hasModule } from "@/lib/config";

/** Those that call functions; null while they are not known, and always without the module that lists them. */
export const models = signal<readonly Schemas["Model"][] | null>(null);

export async function loadModels(): Promise<void> {
  if (models.value !== null || !hasModule("aichat")) return;
  const { results } = await api.get("/api/chats/models", { query: { all: true } });
  models.value = results.filter((model) => model.tools);
}
