/** Every feature the client knows, and the ones this server has. To add one, add it to `ALL`. */
import { agents } from "@/features/agents";
import { aichat } from "@/features/aichat";
import { auth } from "@/features/auth";
import { billing } from "@/features/billing";
import { calls } from "@/features/calls";
import { design } from "@/features/design";
import { device } from "@/features/device";
import { documents } from "@/features/documents";
import { messenger } from "@/features/messenger";
import { settings } from "@/features/settings";
import { translation } from "@/features/translation";
import type { Config } from "@/lib/api";
import { matchPath } from "@/lib/router";

import type { Feature, FeatureRoute, NavEntry } from "./feature";

const ALL: readonly Feature[] = [auth, aichat, messenger, calls, agents, translation, documents, billing, device, settings];

export interface Match {
  route: FeatureRoute;
  params: Record<string, string>;
}

/** The features whose module the server has; the design page is there in development only. */
export function availableFeatures(config: Config, all: readonly Feature[] = ALL): Feature[] {
  const features = all.filter((feature) => config.modules.includes(feature.module));
  return isDevelopment(config) ? [...features, design] : features;
}

export function findRoute(features: readonly Feature[], path: string): Match | null {
  for (const route of features.flatMap((feature) => feature.routes)) {
    const params = matchPath(route.path, path);
    if (params !== null) return { route, params };
  }
  return null;
}

export function navEntries(features: readonly Feature[]): NavEntry[] {
  return features.flatMap((feature) => feature.nav ?? []).sort((a, b) => a.order - b.order);
}

/** Where somebody who asked for nothing in particular lands. */
export function homePath(features: readonly Feature[]): string {
  return navEntries(features)[0]?.href ?? "/app/login";
}

function isDevelopment(config: Config): boolean {
  return import.meta.env.DEV || config.environment === "development";
}
