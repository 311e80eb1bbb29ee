import { registerWorker } from "@/lib/worker";

let started = false;

export function start(): void {
  if (started) return;
  started = true;
  void registerWorker();
}
