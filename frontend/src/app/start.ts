import { effect, signal } from "@preact/signals";

import { currentUser, resumeSession, session } from "@/lib/api";
import { config, loadConfig } from "@/lib/config";
import { isLanguage, setLanguage } from "@/lib/i18n";

/** What kept the client from starting, to be shown with a way to try again. */
export const startError = signal<unknown>(null);

/** Learn what the server has and who is here, side by side. */
export async function startClient(): Promise<void> {
  startError.value = null;
  try {
    await Promise.all([config.value ?? loadConfig(), resumeSession()]);
  } catch (error) {
    // The session may still come from another tab; only one that is still unknown is given up.
    if (session.value.status === "starting") session.value = { status: "unreachable" };
    startError.value = error;
  }
}

/** Signing in brings the language of the profile along; later changes of the profile do as well. */
effect(() => {
  const preferred = currentUser.value?.language;
  if (isLanguage(preferred)) setLanguage(preferred);
});
