import { currentUser } from "@/lib/api";
import { config } from "@/lib/config";
import { formatNumber } from "@/lib/i18n";

/** Less than this is said to be less. */
const LEAST = 0.0001;
/** From here on cents say enough. */
const CENTS = 0.1;
const DOLLARS = { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol" } as const;

/** An amount of USD, as the server's decimal string, with as many digits as such an amount deserves: $0.0043, $1.20. */
export function dollars(amount: string): string {
  const value = Number(amount);
  if (value > 0 && value < LEAST) return `< ${dollars(String(LEAST))}`;
  if (value > 0 && value < CENTS) return formatNumber(value, { ...DOLLARS, maximumSignificantDigits: 2 });
  return formatNumber(value, { ...DOLLARS, minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** A rate or a whole sum, of which no digit is left out. */
export function exactDollars(amount: string): string {
  return formatNumber(Number(amount), { ...DOLLARS, minimumFractionDigits: 2, maximumFractionDigits: 8 });
}

/** Whether this site shows its costs to this person. */
export function seesCosts(): boolean {
  const shown = config.value?.show_costs;
  return shown === "everyone" || (shown === "staff" && currentUser.value?.is_staff === true);
}
