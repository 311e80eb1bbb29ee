/** What tells that trying again may help, or that the network is gone, before any timer does. */
interface Wakeups {
  /** The network is back, or somebody looks at this page again. */
  onWake: () => void;
  onNetworkLost: () => void;
}

/** Answers the end of listening. */
export function listenForWakeups({ onWake, onNetworkLost }: Wakeups): () => void {
  const end = new AbortController();
  const { signal } = end;
  const whenVisible = () => {
    if (document.visibilityState === "visible") onWake();
  };
  window.addEventListener("online", onWake, { signal });
  window.addEventListener("focus", onWake, { signal });
  window.addEventListener("pageshow", onWake, { signal });
  document.addEventListener("visibilitychange", whenVisible, { signal });
  window.addEventListener("offline", onNetworkLost, { signal });
  return () => end.abort();
}
