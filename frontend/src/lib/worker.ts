/** The service worker of this browser: it opens the client off-line, and shows notices. Only a build has one. */

/** Null where there is none: while developing, in private windows of some browsers, over plain HTTP. */
export function workers(): ServiceWorkerContainer | null {
  const { serviceWorker } = navigator as Partial<Navigator>;
  return import.meta.env.PROD ? (serviceWorker ?? null) : null;
}

/** Resolves when the browser knows the worker, not when it is ready. */
export async function registerWorker(): Promise<void> {
  // Without it everything works but opening off-line, and notices.
  await workers()?.register("/sw.js", { updateViaCache: "none" }).catch(() => undefined);
}
