/** Installing the client, where the browser offers it: kept until somebody wants to, because it is offered only once. */
import { signal } from "@preact/signals";

/** Of Chromium; no standard has it, so the compiler knows nothing of it. */
interface InstallOffer extends Event {
  prompt: () => Promise<{ outcome: "accepted" | "dismissed" }>;
}

/** Null: installed already, refused, or not to be had here. */
export const installOffer = signal<InstallOffer | null>(null);

export function keepInstallOffer(): void {
  window.addEventListener("beforeinstallprompt", (event) => {
    // The browser's own bar would come in the middle of something.
    event.preventDefault();
    installOffer.value = event as InstallOffer;
  });
}

/** From a press of a button. An offer is good for one question. */
export async function install(): Promise<void> {
  const offer = installOffer.value;
  installOffer.value = null;
  await offer?.prompt();
}
