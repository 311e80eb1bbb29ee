/**
 * Whether this page runs inside Telegram as a Mini App, and Telegram's word for who opened it.
 *
 * Telegram hands the init data over in the fragment of the address, so no script of theirs is needed. It is read once, at
 * the start, before anything navigates, and taken out of the address bar.
 */
import { config } from "./config";

let initData: string | null = null;

/** To be called before the router looks at the address. */
export function readTelegram(): void {
  const fragment = new URLSearchParams(window.location.hash.slice(1));
  initData = fragment.get("tgWebAppData");
  if (initData !== null) window.history.replaceState(null, "", window.location.pathname + window.location.search);
}

/** Telegram's signed word, where the server takes it; null anywhere else. */
export function telegramInitData(): string | null {
  return takesTelegram() ? initData : null;
}

/** Whether the server has a bot, so that accounts can be linked. */
export function takesTelegram(): boolean {
  return config.value?.sign_in.telegram === true;
}
