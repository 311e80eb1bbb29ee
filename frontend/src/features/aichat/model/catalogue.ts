import { signal } from "@preact/signals";

import type { Model } from "../shapes";
import { listModels } from "./api";

/** Every model there is, locked ones included; empty until loaded. */
export const models = signal<readonly Model[]>([]);

export async function loadModels(): Promise<void> {
  if (models.value.length === 0) models.value = await listModels().catch(() => []);
}

export function findModel(id: string | undefined): Model | undefined {
  return models.value.find((model) => model.id === id);
}

/** What a new chat starts with. */
export function defaultModel(): Model | undefined {
  return models.value.find((model) => model.default) ?? models.value.find((model) => model.available);
}
