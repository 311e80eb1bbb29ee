/** Whether the browser has a network at all. What the server does is another question. */
import { signal } from "@preact/signals";

export const online = signal(navigator.onLine);

const update = () => (online.value = navigator.onLine);
window.addEventListener("online", update);
window.addEventListener("offline", update);
