/**
 * Notices on this device: what its person wants of them, and the browser's push service being told.
 *
 * Where a push service can be had, the server sends and the worker shows, whether a tab is open or not. Where none can (a
 * browser without one, no way out of the house), an open tab shows the same by the same rules: then `deviceId` is null.
 */
import { computed, signal } from "@preact/signals";

import { api, ApiError, currentUser } from "./api";
import type { Schemas } from "./api";
import { limit } from "./config";
import { describeDevice } from "./device";
import { registerWorker, workers } from "./worker";

export interface Wishes {
  isOn: boolean;
  /** Off: nothing that somebody wrote is shown. */
  showsText: boolean;
  hasSound: boolean;
}

interface Kept extends Wishes {
  /** Where the server was told to reach this browser. */
  endpoint: string | null;
}

export interface LocalNotice {
  title: string;
  body: string;
  tag: string;
  url: string;
  /** It stays until it is answered or taken away. */
  stays?: boolean;
}

const NONE: Kept = { isOn: false, showsText: true, hasSound: true, endpoint: null };
const ICON = "/static/icons/icon-192.png";

const changes = signal(0);
const kept = computed<Kept>(() => (changes.value, read(currentUser.value?.id)));

export const wishes = computed<Wishes>(() => kept.value);

/** This browser, as the server knows it; null while it is not reached by push. */
export const deviceId = signal<string | null>(null);

/** "unsupported" is an iPhone whose client is not on the home screen, too. */
export function permission(): NotificationPermission | "unsupported" {
  return workers() === null || !("Notification" in window) ? "unsupported" : Notification.permission;
}

/** To be called from a press of a button: browsers ask only then. Answers whether the person agreed. */
export async function turnOn(): Promise<boolean> {
  if ((await Notification.requestPermission()) !== "granted") return false;
  keep({ isOn: true });
  await subscribe();
  return true;
}

export async function turnOff(): Promise<void> {
  const id = deviceId.value;
  if (id !== null) {
    await api.delete("/api/push/subscriptions/{subscription_id}", { path: { subscription_id: id } }).catch(unlessGone);
  }
  keep({ isOn: false, endpoint: null });
  await forgetHere();
}

export async function change(wanted: Partial<Pick<Wishes, "showsText" | "hasSound">>): Promise<void> {
  const before = { ...wishes.value };
  keep(wanted);
  if (deviceId.value === null) return;
  try {
    await wish(deviceId.value);
  } catch (error) {
    keep(before);
    throw error;
  }
}

/** At the start of a visit: what was asked for before still holds, in a new session and at a new address as well. */
export async function resume(): Promise<void> {
  if (!wishes.value.isOn || permission() !== "granted") return;
  const [mine, subscription] = await Promise.all([thisDevice(), current()]);
  if (mine !== null && subscription !== null && subscription.endpoint === kept.value.endpoint) adopt(mine);
  else await subscribe();
}

/** Whoever signed out leaves no notice on the screen, and is sent none. */
export async function forgetHere(): Promise<void> {
  deviceId.value = null;
  await (await current())?.unsubscribe();
  const registration = await workers()?.getRegistration();
  for (const notification of (await registration?.getNotifications()) ?? []) notification.close();
}

/** By an open tab. */
export async function show({ title, body, tag, url, stays = false }: LocalNotice): Promise<void> {
  const registration = await workers()?.ready;
  const looks = { body, tag, icon: ICON, requireInteraction: stays };
  await registration?.showNotification(title, { ...looks, data: { url }, silent: !wishes.value.hasSound });
}

/** What was read needs no notice any more. */
export async function takeAway(tag: string): Promise<void> {
  const registration = await workers()?.getRegistration();
  for (const notification of (await registration?.getNotifications({ tag })) ?? []) notification.close();
}

async function subscribe(): Promise<void> {
  try {
    await tell(await open());
  } catch (error) {
    if (!(error instanceof ApiError)) {
      // No push service can be had here; an open tab does what it can.
      deviceId.value = null;
      return;
    }
    if (error.code !== "endpoint_taken") throw error;
    // Somebody else's address stays theirs: this browser gets another one.
    await (await current())?.unsubscribe();
    await tell(await open());
  }
}

async function open(): Promise<PushSubscription> {
  await registerWorker();
  const registration = await workers()?.ready;
  if (registration === undefined) throw new Error("There is no worker.");
  const { public_key: applicationServerKey } = await api.get("/api/push/key");
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
}

async function tell(subscription: PushSubscription): Promise<void> {
  const { endpoint, keys } = subscription.toJSON() as { endpoint: string; keys: { p256dh: string; auth: string } };
  const { browser, system } = describeDevice(navigator.userAgent);
  const device = [browser, system].filter(Boolean).join(", ");
  const row = await api.post("/api/push/subscriptions", { body: { endpoint, keys, device } });
  keep({ endpoint });
  deviceId.value = row.id;
  await wish(row.id);
}

/** Also switched on: it may have been off on another device. */
async function wish(id: string): Promise<void> {
  const { showsText, hasSound } = wishes.value;
  await api.patch("/api/push/subscriptions/{subscription_id}", {
    path: { subscription_id: id },
    body: { enabled: true, shows_text: showsText, has_sound: hasSound },
  });
}

/** What was changed on another device holds here. */
function adopt(row: Schemas["Device"]): void {
  deviceId.value = row.id;
  keep({ isOn: row.enabled, showsText: row.shows_text, hasSound: row.has_sound });
}

async function thisDevice(): Promise<Schemas["Device"] | null> {
  const page = await api.get("/api/push/subscriptions", { query: { limit: limit("max_page_size") } });
  return page.results.find((row) => row.is_this) ?? null;
}

async function current(): Promise<PushSubscription | null> {
  const registration = await workers()?.getRegistration();
  const manager = (registration as Partial<ServiceWorkerRegistration> | undefined)?.pushManager;
  return (await manager?.getSubscription()) ?? null;
}

function unlessGone(error: unknown): void {
  if (!(error instanceof ApiError) || error.status !== 404) throw error;
}

function read(userId: string | undefined): Kept {
  const text = userId === undefined ? null : localStorage.getItem(nameOf(userId));
  return text === null ? NONE : { ...NONE, ...(JSON.parse(text) as Partial<Kept>) };
}

function keep(wanted: Partial<Kept>): void {
  const userId = currentUser.peek()?.id;
  if (userId === undefined) return;
  localStorage.setItem(nameOf(userId), JSON.stringify({ ...kept.peek(), ...wanted }));
  changes.value += 1;
}

function nameOf(userId: string): string {
  return `kintsugi.notices.${userId}`;
}
