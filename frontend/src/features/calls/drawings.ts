/** Drawings of calls alone, on the grid of the others (`ui/Icon`): who is in no call fetches none of them. */
import type { Drawing } from "@/ui";

export const flip: Drawing = { path: "M4 8h14l-4-4M20 16H6l4 4" };
export const hangUp: Drawing = { path: "M2 16c0-4 4-6 10-6s10 2 10 6v2h-6v-4c-2-1-6-1-8 0v4H2z" };
export const micOff: Drawing = { path: "M3 3l18 18M9 9v2a3 3 0 0 0 5 2M15 10V6a3 3 0 0 0-6-1M5 11a7 7 0 0 0 11 5M19 11c0 1 0 2-1 3M12 18v3M8 21h8" };
export const screen: Drawing = { path: "M3 4h18v13H3zM8 21h8M12 14V8M9 10l3-3 3 3" };
export const videoOff: Drawing = { path: "M3 3l18 18M8 6h7v7M15 11l6-4v10M3 7v11h12" };
