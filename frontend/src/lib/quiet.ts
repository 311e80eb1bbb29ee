/** Quiet hours, by the clock of a person's own time zone: the same rule as the server's (`core/push/notices.py`). */
export interface QuietHours {
  /** Hours and minutes, `22:30`; null for both: never. */
  quiet_from: string | null;
  quiet_until: string | null;
}

export function isQuiet({ quiet_from: from, quiet_until: until }: QuietHours, timeZone: string, now: Date): boolean {
  if (from === null || until === null) return false;
  const moment = clockIn(timeZone, now);
  return from < until ? from <= moment && moment < until : moment >= from || moment < until;
}

/** Of the browser; empty where it does not tell. */
export function ownTimeZone(): string {
  return (Intl.DateTimeFormat().resolvedOptions() as Partial<Intl.ResolvedDateTimeFormatOptions>).timeZone ?? "";
}

function clockIn(timeZone: string, now: Date): string {
  const options: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  try {
    return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: timeZone === "" ? "UTC" : timeZone }).format(now);
  } catch {
    // A zone that this browser does not know.
    return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }).format(now);
  }
}
