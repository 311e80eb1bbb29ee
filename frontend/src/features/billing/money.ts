import { formatNumber } from "@/lib/i18n";

/** An amount in the smallest unit of its currency, in words: yen have no hundredths, dinars have thousandths. */
export function money(amount: number, currency: string): string {
  const options = { style: "currency", currency } as const;
  const digits = new Intl.NumberFormat("en", options).resolvedOptions().maximumFractionDigits ?? 2;
  return formatNumber(amount / 10 ** digits, options);
}
