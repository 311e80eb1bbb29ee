/** Moments, sizes and lengths in the reader's language. */
import { dictionary, formatDate, formatNumber } from "@/lib/i18n";

const t = dictionary({
  en: {
    today: "Today",
    yesterday: "Yesterday",
    justNow: "last seen just now",
    minutes: { one: "last seen {count} minute ago", other: "last seen {count} minutes ago" },
    todayAt: "last seen today at {time}",
    yesterdayAt: "last seen yesterday at {time}",
    onDay: "last seen {day}",
    bytes: "{size} B",
    kilobytes: "{size} kB",
    megabytes: "{size} MB",
    gigabytes: "{size} GB",
  },
  uk: {
    today: "Сьогодні",
    yesterday: "Учора",
    justNow: "щойно тут",
    minutes: {
      one: "{count} хвилину тому",
      few: "{count} хвилини тому",
      many: "{count} хвилин тому",
      other: "{count} хвилини тому",
    },
    todayAt: "сьогодні о {time}",
    yesterdayAt: "учора о {time}",
    onDay: "{day}",
    bytes: "{size} Б",
    kilobytes: "{size} кБ",
    megabytes: "{size} МБ",
    gigabytes: "{size} ГБ",
  },
});

const DAY_MS = 86_400_000;

/** The calendar day in the reader's time zone: two moments of one day have the same key. */
export function dayKey(moment: string | Date): string {
  const day = new Date(moment);
  return `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`;
}

/** `Today`, `Yesterday`, a weekday within the week, else the date, with the year when it is not this one. */
export function dayName(moment: string | Date, now = new Date()): string {
  const age = daysBetween(moment, now);
  if (age === 0) return t("today");
  if (age === 1) return t("yesterday");
  if (age > 1 && age < 7) return formatDate(moment, { weekday: "long" });
  const sameYear = new Date(moment).getFullYear() === now.getFullYear();
  return formatDate(moment, { day: "numeric", month: "long", ...(!sameYear && { year: "numeric" }) });
}

export function timeOfDay(moment: string | Date): string {
  return formatDate(moment, { timeStyle: "short" });
}

/** As short as a row of the list needs it: the hour today, the weekday this week, else the date. */
export function shortMoment(moment: string | Date, now = new Date()): string {
  const age = daysBetween(moment, now);
  if (age <= 0) return timeOfDay(moment);
  if (age < 7) return formatDate(moment, { weekday: "short" });
  return formatDate(moment, { day: "2-digit", month: "2-digit", year: "2-digit" });
}

export function lastSeenText(moment: string, now = new Date()): string {
  const minutes = Math.floor((now.getTime() - new Date(moment).getTime()) / 60_000);
  if (minutes < 1) return t("justNow");
  if (minutes < 60) return t("minutes", { count: minutes });
  const age = daysBetween(moment, now);
  if (age === 0) return t("todayAt", { time: timeOfDay(moment) });
  if (age === 1) return t("yesterdayAt", { time: timeOfDay(moment) });
  return t("onDay", { day: formatDate(moment) });
}

export function fileSize(bytes: number): string {
  const units = ["bytes", "kilobytes", "megabytes", "gigabytes"] as const;
  const step = Math.min(units.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const size = bytes / 1000 ** step;
  const digits = step > 0 && size < 10 ? 1 : 0;
  return t(units[step] ?? "bytes", { size: formatNumber(size, { maximumFractionDigits: digits }) });
}

/** `0:07`, `12:34`, `1:02:03`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

function daysBetween(moment: string | Date, now: Date): number {
  const midnight = (day: Date) => new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
  // Rounded, because a day with a change of the clock has 23 or 25 hours.
  return Math.round((midnight(now) - midnight(new Date(moment))) / DAY_MS);
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
