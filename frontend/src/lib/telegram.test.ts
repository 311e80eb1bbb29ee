import { afterEach, expect, it } from "vitest";

import { config } from "./config";
import { readTelegram, telegramInitData } from "./telegram";

function open(hash: string, telegram: boolean): void {
  window.history.replaceState(null, "", `/app/login${hash}`);
  config.value = { sign_in: { telegram } } as never;
  readTelegram();
}

afterEach(() => {
  config.value = null;
});

it("takes Telegram's word out of the address bar, and keeps it as it was signed", () => {
  open("#tgWebAppData=user%3D%257B%2522id%2522%253A7%257D%26hash%3Dab&tgWebAppVersion=8.0", true);
  expect(telegramInitData()).toBe("user=%7B%22id%22%3A7%7D&hash=ab");
  expect(window.location.hash).toBe("");
});

it("says nothing where the server has no bot, or outside of Telegram", () => {
  open("#tgWebAppData=user%3D1", false);
  expect(telegramInitData()).toBeNull();
  open("#token=abc", true);
  expect(telegramInitData()).toBeNull();
  expect(window.location.hash).toBe("#token=abc");
});
