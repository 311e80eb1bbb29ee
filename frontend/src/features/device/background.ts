import { effect, untracked } from "@preact/signals";

import { isConfirmed, onFarewell } from "@/lib/api";
import { standForLeader } from "@/lib/leader";
import { forgetHere, resume } from "@/lib/notices";
import { navigate, safeReturnPath } from "@/lib/router";
import { forgetShared } from "@/lib/shared";
import { registerWorker, workers } from "@/lib/worker";

import { startBadge } from "./badge";
import { hearOfRelease, startHints } from "./hints";
import { startOffering } from "./offer";
import { startFollowingProfile } from "./profile";

/** What the worker says to the pages it serves. */
type FromWorker = { type: "open"; url: string } | { type: "release"; entry: string } | { type: "renewed" };

let started = false;

export function start(): void {
  if (started) return;
  started = true;
  void registerWorker();
  standForLeader();
  startHints();
  startFollowingProfile();
  startOffering();
  workers()?.addEventListener("message", heard);
  workers()?.startMessages();
  onFarewell(() => void forgetShared().catch(() => undefined));
  onFarewell(() => void forgetHere().catch(() => undefined));
  // Once the server has said who this is: a new session is one more to be told where this browser is reached.
  effect(() => {
    if (isConfirmed.value) void untracked(resume).catch(() => undefined);
  });
  startBadge();
}

function heard({ data }: MessageEvent<FromWorker>): void {
  if (data.type === "release") hearOfRelease(data.entry);
  else if (data.type === "renewed") void resume().catch(() => undefined);
  // A notice was pressed while the client is open.
  else navigate(safeReturnPath(data.url, "/app"));
}
