import { formatNumber } from "@/lib/i18n";

/** Currencies whose smallest unit is not a hundredth, as the payment provider counts: billing/money.py has the same
 * table. The browser's own differs: it gives forints and rupiah no hundredths, and would show a hundredfold. */
const WHOLE = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split(" ");
const THOUSANDTHS = "BHD JOD KWD OMR TND".split(" ");

function digitsOf(currency: string): number {
  if (WHOLE.includes(currency)) return 0;
  return THOUSANDTHS.includes(currency) ? 3 : 2;
}

/** An amount in the smallest unit of its currency, in words: yen have no hundredths, dinars have thousandths. */
export function money(amount: number, currency: string): string {
  const digits = digitsOf(currency);
  const exact = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return formatNumber(amount / 10 ** digits, { style: "currency", currency, ...exact });
}
