/** Why a lamp is what it is, in words; a code of a newer server stands as it is. */
import { t } from "./words";

const REASONS = [
  "no_text",
  "not_in_source",
  "figure",
  "direction",
  "denial",
  "other_matter",
  "overstated",
  "not_judged",
  "supports",
  "partly",
  "contradicts",
  "unrelated",
  "read",
  "unknown",
  "one_record",
  "not_asked",
  "title",
  "author",
  "year",
  "container",
  "taken_back",
  "concern",
  "corrected",
  "demo",
  "edited",
] as const;
type Known = (typeof REASONS)[number];

function isKnown(code: string): code is Known {
  return (REASONS as readonly string[]).includes(code);
}

export function reasonText(codes: readonly string[]): string {
  return codes
    .map((code) => (isKnown(code) ? t(`reason_${code}`) : code.replaceAll("_", " ")))
    .join(" ");
}
