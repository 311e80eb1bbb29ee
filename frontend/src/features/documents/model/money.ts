/** Amounts in whole currency, as the server writes its decimals. */
import { formatNumber } from "@/lib/i18n";

export function price(amount: string, currency: string): string {
  return formatNumber(Number(amount), { style: "currency", currency, currencyDisplay: "narrowSymbol", minimumFractionDigits: 2, maximumFractionDigits: 4 });
}
