/** How many calls were missed and not looked at, for the navigation. */
import { signal } from "@preact/signals";

export const missed = signal(0);
