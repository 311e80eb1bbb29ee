import { useEffect, useState } from "preact/hooks";

import { clock } from "@/lib/countdown";
import { serverTime } from "@/lib/serverClock";

/** How long something has gone on, by the server's clock; null while it has not begun. */
export function useTime(since: string | null): string | null {
  const [now, setNow] = useState(serverTime);
  useEffect(() => {
    if (since === null) return;
    setNow(serverTime());
    const timer = setInterval(() => setNow(serverTime()), 1000);
    return () => clearInterval(timer);
  }, [since]);
  return since === null ? null : clock(Math.max(0, Math.floor((now - Date.parse(since)) / 1000)));
}
