import { signal } from "@preact/signals";

import { api } from "@/lib/api";
import { hasModule } from "@/lib/config";

import type { Usage } from "../shapes";

/** The quota of the person; null until known, and always on a server without billing. */
export const usage = signal<Usage | null>(null);

export async function refreshUsage(): Promise<void> {
  if (!hasModule("billing")) return;
  // A number beside the composer is no reason to interrupt anybody; the last one stays.
  usage.value = await api.get("/api/subscription/usage", { query: { days: 1 } }).catch(() => usage.value);
}
