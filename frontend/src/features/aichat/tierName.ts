/** `premium_pro` as its plan is called: names of plans are the same in every language. */
export function tierName(tier: string): string {
  return tier
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
}
