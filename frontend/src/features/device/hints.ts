/** What this device has to say, once and without standing in the way: that it can be installed, that a release is new. */
import { install, installOffer } from "@/lib/install";
import { workers } from "@/lib/worker";
import { toast } from "@/ui";

import { t } from "./words";

/** Who has used the client for a while may want it on the device. */
const INSTALL_AFTER_MS = 60_000;
const INSTALL_MARK = "kintsugi.install-hint";
/** A window that stays open for weeks asks by itself. */
const LOOK_EVERY_MS = 3_600_000;

export function startHints(): void {
  setTimeout(hintAtInstalling, INSTALL_AFTER_MS);
  setInterval(() => void lookForRelease(), LOOK_EVERY_MS);
}

/**
 * A worker of another release than this page has taken over. The page goes on as it is, with its own parts, until its
 * person reloads it or comes back: what they write, or are being answered, is not cut off.
 */
export function hearOfRelease(entry: string): void {
  if (document.querySelector(`script[src$="${entry}"]`) !== null) return;
  toast(t("newRelease"), { action: { label: t("reload"), onSelect: () => window.location.reload() } });
}

function hintAtInstalling(): void {
  if (installOffer.value === null || localStorage.getItem(INSTALL_MARK) !== null) return;
  localStorage.setItem(INSTALL_MARK, "shown");
  toast(t("installHint"), { isOffer: true, action: { label: t("install"), onSelect: () => void install() } });
}

async function lookForRelease(): Promise<void> {
  const registration = await workers()?.getRegistration();
  await registration?.update().catch(() => undefined);
}
