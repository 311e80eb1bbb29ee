/** The server's time: this machine's clock may be hours off, and what the server dates must not be compared with it. */
let aheadMs = 0;

/** `at`: what time it is there now. */
export function setServerClock(at: string): void {
  const told = Date.parse(at);
  if (!Number.isNaN(told)) aheadMs = told - Date.now();
}

/** Milliseconds since the epoch, by the server's clock as far as it is known. */
export function serverTime(here = Date.now()): number {
  return here + aheadMs;
}
