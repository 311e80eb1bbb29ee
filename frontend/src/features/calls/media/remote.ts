/** Another leg as one hears and sees it. */
import { signal } from "@preact/signals";

import type { Route } from "./stats";
import type { Slot } from "./slots";
import { chosenSpeaker } from "./choices";

export class RemoteLeg {
  /** Something was heard of it lately. */
  readonly isHeard = signal(false);
  readonly bars = signal<0 | 1 | 2 | 3>(0);
  readonly route = signal<Route | null>(null);
  /** Between 0 and 1. */
  readonly level = signal(0);
  readonly camera = signal<MediaStream | null>(null);
  readonly screen = signal<MediaStream | null>(null);
  /** The browser wants a press before it plays anything. */
  readonly isBlocked = signal(false);
  private readonly speaker: HTMLAudioElement;
  private readonly sounds: Partial<Record<Slot, MediaStreamTrack>> = {};

  constructor(readonly id: string) {
    this.speaker = document.createElement("audio");
    this.speaker.autoplay = true;
    this.speaker.dataset.leg = id;
    document.body.append(this.speaker);
    void this.direct(chosenSpeaker.peek());
  }

  receive(slot: Slot, track: MediaStreamTrack): void {
    if (slot === "camera" || slot === "screen") {
      this[slot].value = new MediaStream([track]);
      return;
    }
    this.sounds[slot] = track;
    this.speaker.srcObject = new MediaStream(Object.values(this.sounds));
    this.play();
  }

  /** To be called from a press where the browser wanted one. */
  play(): void {
    // The test runner's page plays nothing and answers nothing.
    const begun = this.speaker.play() as Promise<void> | undefined;
    begun?.then(
      () => (this.isBlocked.value = false),
      (error: unknown) => (this.isBlocked.value = error instanceof DOMException && error.name === "NotAllowedError"),
    );
  }

  /** Let it be heard by that speaker, where the browser can choose. */
  async direct(deviceId: string): Promise<void> {
    const speaker = this.speaker as Partial<Pick<HTMLAudioElement, "setSinkId">>;
    if (speaker.setSinkId === undefined) return;
    // A speaker that was taken away: the system's own is heard.
    await this.speaker.setSinkId(deviceId).catch(() => this.speaker.setSinkId("").catch(() => undefined));
  }

  close(): void {
    this.speaker.srcObject = null;
    this.speaker.remove();
  }
}
