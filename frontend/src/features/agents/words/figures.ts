import { fileSize } from "@/lib/fileSize";
import { formatNumber } from "@/lib/i18n";

import { t } from ".";

/** What a step took, as far as it is known: "0.41 s · 812 B · 1,000 tokens". */
export function figures(step: { seconds: number | null; bytes?: number | null; tokens: number | null }): string {
  const { seconds, bytes = null, tokens } = step;
  return [
    seconds === null ? null : t("seconds", { seconds: formatNumber(seconds, { maximumFractionDigits: seconds < 10 ? 2 : 0 }) }),
    bytes === null ? null : fileSize(bytes),
    tokens === null || tokens === 0 ? null : t("tokens", { count: tokens }),
  ]
    .filter((part) => part !== null)
    .join(" · ");
}
