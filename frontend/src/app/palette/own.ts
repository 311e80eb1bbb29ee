/** What the shell itself leads to: pages, the parts of the settings, signing out, the keys. */
import { signOut } from "@/lib/api";
import { shellOverlay } from "@/lib/bridge";
import { navigate } from "@/lib/router";

import type { Feature, PaletteEntry } from "../feature";
import { navEntries } from "../features";
import { t } from "./words";

export function ownEntries(features: readonly Feature[], query: string): PaletteEntry[] {
  const pages = navEntries(features).map(({ href, label, icon }): PaletteEntry => ({
    key: href,
    kind: t("pages"),
    label: label(),
    icon,
    run: () => navigate(href),
  }));
  const parts = features.flatMap(({ settings }) => settings ?? []).map(({ id, label }): PaletteEntry => ({
    key: `settings/${id}`,
    kind: t("settings"),
    label: label(),
    icon: "settings",
    run: () => navigate(`/app/settings/${id}`),
  }));
  const actions: PaletteEntry[] = [
    { key: "keys", kind: t("actions"), label: t("keys"), icon: "info", keys: "?", run: () => (shellOverlay.value = "keys") },
    { key: "sign-out", kind: t("actions"), label: t("signOut"), icon: "logout", run: () => void signOut("here") },
  ];
  return [...pages, ...parts, ...actions].filter(({ label }) => fits(label, query));
}

/** Every word of the query begins a word of the label. */
export function fits(label: string, query: string): boolean {
  const words = wordsOf(label);
  return wordsOf(query).every((part) => words.some((word) => word.startsWith(part)));
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().split(/[^\p{L}\p{M}\p{N}]+/u).filter((word) => word !== "");
}
