import { formatNumber } from "./i18n";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** In the unit that fits, such as `12.3 kB`. */
export function fileSize(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return formatNumber(bytes / 1000 ** power, {
    style: "unit",
    unit: UNITS[power] ?? "byte",
    unitDisplay: "short",
    maximumFractionDigits: power === 0 ? 0 : 1,
  });
}
