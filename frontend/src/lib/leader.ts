/** One tab of this browser does what must happen once, such as a sound: the one that was looked at last. */
import { signal } from "@preact/signals";

export const isLeader = signal(false);

const LOCK = "kintsugi.leader";

let queue: AbortController | null = null;

/** To be called once. Whoever is looked at takes the lead; when the leading tab closes, another one has it. */
export function standForLeader(): void {
  const { locks } = navigator as Partial<Navigator>;
  // Web Locks exist in secure contexts only, and so do notices.
  if (!locks) return;
  wait(locks);
  window.addEventListener("focus", () => take(locks));
  if (document.hasFocus()) take(locks);
}

function wait(locks: LockManager): void {
  queue = new AbortController();
  lead(locks, { signal: queue.signal });
}

function take(locks: LockManager): void {
  if (isLeader.value) return;
  queue?.abort();
  lead(locks, { steal: true });
}

function lead(locks: LockManager, options: LockOptions): void {
  const end = new Promise<never>(() => undefined);
  const keep = () => {
    isLeader.value = true;
    return end;
  };
  locks.request(LOCK, options, keep).catch(() => {
    // Given up to take it at once, or taken by a tab that is looked at now.
    if (options.signal?.aborted === true) return;
    isLeader.value = false;
    wait(locks);
  });
}
