/** One's own name, picture and wishes, changed in another tab or on another device, are shown here as well. */
import { api, currentUser, isConfirmed, updateUser } from "@/lib/api";
import { subscribe } from "@/lib/realtime";
import type { Hello } from "@/lib/realtime/events.gen";

let asked = 0;

export function startFollowingProfile(): void {
  subscribe("profile.updated", () => void lookAtProfile().catch(() => undefined));
  // A browser that never had an event has no place in the stream from which it could catch up.
  subscribe("hello", (frame) => {
    if (isNews((frame.payload as Hello).user)) void lookAtProfile().catch(() => undefined);
  });
}

/** Whether the server greets somebody who looks otherwise than here. */
function isNews({ username, name, avatar_url: picture }: Hello["user"]): boolean {
  const user = currentUser.peek();
  if (user === null) return false;
  // Who has given no name at all is called something by the server.
  const called = user.display_name || user.username;
  return username !== user.username || picture !== user.avatar_url || (called !== null && called !== name);
}

/** Asked anew each time: the event says only that there is something to see, which no stream has to keep. */
async function lookAtProfile(): Promise<void> {
  if (!isConfirmed.peek()) return;
  const mine = ++asked;
  const { user } = await api.get("/api/auth/me");
  // An earlier question may be answered later, and somebody else may have signed in meanwhile.
  if (mine === asked && user.id === currentUser.peek()?.id) updateUser(user);
}
