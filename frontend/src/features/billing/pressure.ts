import type { Usage } from "./shapes";

const NEAR = 0.8;

/** How close to the limit the spent tokens are; held ones come back, so they raise no alarm. */
export function pressure(usage: Pick<Usage, "tokens_used" | "tokens_limit" | "is_unlimited">): "calm" | "near" | "full" {
  if (usage.is_unlimited) return "calm";
  if (usage.tokens_used >= usage.tokens_limit) return "full";
  return usage.tokens_used >= usage.tokens_limit * NEAR ? "near" : "calm";
}
