import { effect } from "@preact/signals";

import { currentUser } from "@/lib/api";
import { waiting } from "@/lib/title";

/** How much waits to be read, on the icon of the installed client; nothing for nobody. */
export function startBadge(): void {
  effect(() => countOnIcon(currentUser.value === null ? 0 : waiting.value));
}

function countOnIcon(count: number): void {
  const { setAppBadge } = navigator as Partial<Navigator>;
  if (setAppBadge !== undefined) void navigator.setAppBadge(count).catch(() => undefined);
}
