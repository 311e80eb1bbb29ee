/**
 * Notices that the site's push sends: shown, pressed, and taken away again when what they tell of was read on another
 * device. What may be shown on a locked screen was decided by the server, which sends no text to a device that shows none.
 */
import { worker } from "./scope";

const FOREIGN = { title: "Kintsugi", body: "", tag: "", url: "/app", icon: "", sound: false, action: "show", kind: "" };
const ICON = "/static/icons/icon-192.png";
const BADGE = "/static/icons/badge-96.png";
/** Whose push service ends the subscription of a page that shows nothing for a push: see `core/push/notices.py`. */
const ALWAYS_SHOWS = ".push.apple.com";
/** Somebody wants to see one, and looks at the client while they ask for it. */
const TRIAL = "trial";

type Notice = typeof FOREIGN & { at?: string };

export async function pushed(data: PushMessageData | null): Promise<void> {
  const notice = read(data);
  if (notice.action === "clear") await clear(notice.tag);
  // Somebody looks at the client: what came is seen there, and the tab makes the sound.
  else if (notice.kind === TRIAL || !(await isLookedAt()) || (await mustShow())) await show(notice);
  await countOnIcon();
}

/** No compiler knows it yet: https://w3c.github.io/push-api/#the-pushsubscriptionchangeevent */
export interface PushSubscriptionChange extends ExtendableEvent {
  readonly oldSubscription: PushSubscription | null;
  readonly newSubscription: PushSubscription | null;
}

/**
 * The push service has ended an address. Another one is asked for at once, as only the worker is told; the server hears of it
 * from whoever is signed in, by an open tab now or by the next visit (`resume`), since a worker has no session of its own.
 */
export async function renewed({ oldSubscription, newSubscription }: PushSubscriptionChange): Promise<void> {
  if (newSubscription === null && oldSubscription !== null) {
    await worker.registration.pushManager.subscribe(oldSubscription.options).catch(() => undefined);
  }
  for (const tab of await tabs()) tab.postMessage({ type: "renewed" });
}

export async function pressed(notification: Notification): Promise<void> {
  notification.close();
  const { url } = notification.data as { url: string };
  const [tab] = await tabs();
  if (tab === undefined) await worker.clients.openWindow(url);
  else {
    // Without loading the page anew: what is being written or answered there goes on.
    tab.postMessage({ type: "open", url });
    await tab.focus();
  }
  await countOnIcon();
}

/** How many things wait, on the icon of the installed client; an open page counts better, and does so once it is there. */
export async function countOnIcon(): Promise<void> {
  const { setAppBadge } = navigator as Partial<Navigator>;
  if (setAppBadge === undefined) return;
  const shown = await worker.registration.getNotifications();
  await navigator.setAppBadge(shown.length).catch(() => undefined);
}

/** Every push must show something: one that cannot be read as well. */
function read(data: PushMessageData | null): Notice {
  try {
    return { ...FOREIGN, ...(data?.json() as Partial<Notice>) };
  } catch {
    return FOREIGN;
  }
}

async function show({ title, body, tag, icon, url, sound, at }: Notice): Promise<void> {
  const options: NotificationOptions & { renotify?: boolean; timestamp?: number } = {
    body,
    tag,
    icon: icon === "" ? ICON : icon,
    badge: BADGE,
    data: { url },
    silent: !sound,
    // A newer one of the same conversation takes the older one's place, and is heard.
    renotify: sound && tag !== "",
    ...(at !== undefined && { timestamp: Date.parse(at) }),
  };
  await worker.registration.showNotification(title, options);
}

async function clear(tag: string): Promise<void> {
  for (const notification of await worker.registration.getNotifications({ tag })) notification.close();
}

async function isLookedAt(): Promise<boolean> {
  return (await tabs()).some((tab) => tab.focused);
}

async function mustShow(): Promise<boolean> {
  const subscription = await worker.registration.pushManager.getSubscription();
  return subscription !== null && new URL(subscription.endpoint).hostname.endsWith(ALWAYS_SHOWS);
}

/** Those of the client, the one that was looked at last first. */
async function tabs(): Promise<WindowClient[]> {
  const all = await worker.clients.matchAll({ type: "window" });
  return all.filter(({ url }) => new URL(url).pathname.startsWith("/app"));
}
