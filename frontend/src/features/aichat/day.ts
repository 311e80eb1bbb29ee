import { formatDate } from "@/lib/i18n";

/** A day of the calendar (`2027-01-14`), which is the same one wherever it is read. */
export function day(date: string): string {
  return formatDate(date, { dateStyle: "medium", timeZone: "UTC" });
}

/** The same where there is little room, without its year. */
export function shortDay(date: string): string {
  return formatDate(date, { day: "numeric", month: "short", timeZone: "UTC" });
}
