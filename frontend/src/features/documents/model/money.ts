/** What orders cost. */
import { formatNumber } from "@/lib/i18n";

/** `amount` is in cents. */
export function price(amount: number, currency: string): string {
  return formatNumber(amount / 100, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
}
