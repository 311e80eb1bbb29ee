/** The service worker: it opens the client without a network, and shows notices while it is closed. One file, because a worker loads no modules in all browsers. */
import { countOnIcon, pressed, pushed, renewed } from "./notices";
import { release, worker } from "./scope";
import { answer, dropOldReleases, keepRelease } from "./shell";
import { shared } from "./share";

worker.addEventListener("install", (event) => {
  // At once: open tabs keep what they need of their own release (see `dropOldReleases`), so nobody has to be waited for.
  event.waitUntil(keepRelease().then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    Promise.all([dropOldReleases(), worker.registration.navigationPreload.enable()])
      .then(() => worker.clients.claim())
      .then(tellRelease),
  );
});

worker.addEventListener("fetch", (event) => {
  const response = shared(event.request) ?? answer(event);
  if (response !== null) event.respondWith(response);
});

worker.addEventListener("push", (event) => event.waitUntil(pushed(event.data)));

worker.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(renewed(event));
});

worker.addEventListener("notificationclick", (event) => event.waitUntil(pressed(event.notification)));

worker.addEventListener("notificationclose", (event) => event.waitUntil(countOnIcon()));

/** To pages of another release, which offer to be loaded anew. */
async function tellRelease(): Promise<void> {
  for (const tab of await worker.clients.matchAll({ type: "window" })) {
    tab.postMessage({ type: "release", entry: release.entry });
  }
}
