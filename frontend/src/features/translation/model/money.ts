/** What a text weighs and costs, by the rule of the server: a unit is 1,800 code points, begun ones count whole. */
import { formatNumber } from "@/lib/i18n";

export const UNIT_CHARACTERS = 1_800;
const LAST_LATIN = 0x24f;

export function unitsOf(characters: number): number {
  return Math.ceil(characters / UNIT_CHARACTERS);
}

/** Units times a price; both are decimals of at most four places, so it is counted in ten-thousandths. */
export function costOf(units: number, price: string): number {
  return (units * Math.round(Number(price) * 10_000)) / 10_000;
}

/** An amount in whole currency, as the server writes its decimals: `0.05` is five cents. */
export function price(amount: string | number, currency: string): string {
  const inPlaces = { minimumFractionDigits: 2, maximumFractionDigits: 4 };
  return formatNumber(Number(amount), { style: "currency", currency, currencyDisplay: "narrowSymbol", ...inPlaces });
}

/** Letters without a capital A to Z take more: about 2.6 code points for a token in Cyrillic, 4 in Latin (o200k). */
export function tokensOf(text: string, characters: number): number {
  let latin = 0;
  // At each key of a text that may be long: a list of its letters would be felt.
  for (let at = 0; at < text.length; at += 1) latin += text.charCodeAt(at) <= LAST_LATIN ? 1 : 0;
  return Math.ceil(latin / 4 + Math.max(0, characters - latin) / 2.6);
}
