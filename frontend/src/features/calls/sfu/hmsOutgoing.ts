/**
 * What this leg sends through 100ms. Its SDK wants to own what it is given: it mutes it, remembers that, and stops it at the
 * end. So it is given a track without anything in it, and what is really sent is put into the place that this one gets.
 */
import type { HMSActions } from "@100mslive/hms-video-store";

import { silentTrack } from "../media/sound";
import { KIND_OF, SLOTS } from "../media/slots";
import type { Outgoing, Slot } from "../media/slots";

/** How the others know the places apart: the kind and this. `regular` is the SDK's own microphone and camera. */
export const SOURCE_OF = { audio: "plugin", camera: "plugin", screen: "screen", sound: "screen" } as const;
const BOUNDS = {
  camera: { height: 360, maxBitrate: 500_000, maxFramerate: 24 },
  screen: { height: null, maxBitrate: 2_500_000, maxFramerate: 15 },
} as const;

export class HmsOutgoing {
  private readonly senders = new Map<Slot, RTCRtpSender>();
  private work: Promise<void> = Promise.resolve();
  private isClosed = false;

  constructor(
    private readonly actions: HMSActions,
    readonly pc: RTCPeerConnection,
    private outgoing: Outgoing,
  ) {}

  /** Resolves when all there is to send is agreed with the server; rejects when something is not. */
  async publish(): Promise<void> {
    for (const slot of SLOTS) await this.put(slot);
  }

  send(outgoing: Outgoing): void {
    const before = this.outgoing;
    this.outgoing = outgoing;
    const changed = SLOTS.filter((slot) => before[slot] !== outgoing[slot]);
    this.work = this.work.then(async () => {
      // What the server does not take now is offered again at the next change.
      for (const slot of changed) await this.put(slot).catch(() => undefined);
    });
  }

  close(): void {
    this.isClosed = true;
  }

  private async put(slot: Slot): Promise<void> {
    if (this.isClosed) return;
    const track = this.outgoing[slot];
    const sender = this.senders.get(slot) ?? (track === null ? null : await this.place(slot));
    if (sender === null) return;
    // Switched meanwhile: the newest is sent.
    await sender.replaceTrack(this.outgoing[slot]);
    if (slot === "camera" || slot === "screen") await this.limit(slot, sender);
  }

  private async place(slot: Slot): Promise<RTCRtpSender> {
    const nothing = KIND_OF[slot] === "audio" ? silentTrack() : blankTrack();
    if (nothing === null) throw new Error("This browser makes no empty track.");
    await this.actions.addTrack(nothing, SOURCE_OF[slot]);
    const sender = this.pc.getSenders().find(({ track }) => track?.id === nothing.id);
    // The SDK tells nobody when the server did not take it.
    if (sender === undefined) throw new Error("The media server took no track.");
    this.senders.set(slot, sender);
    return sender;
  }

  private async limit(slot: "camera" | "screen", sender: RTCRtpSender): Promise<void> {
    const { height, maxBitrate, maxFramerate } = BOUNDS[slot];
    const own = this.outgoing[slot]?.getSettings().height ?? height;
    const scaleResolutionDownBy = height === null || own === null ? 1 : Math.max(1, own / height);
    const parameters = sender.getParameters();
    for (const encoding of parameters.encodings) Object.assign(encoding, { maxBitrate, maxFramerate, scaleResolutionDownBy });
    await sender.setParameters(parameters).catch(() => undefined);
  }
}

function blankTrack(): MediaStreamTrack | null {
  return document.createElement("canvas").captureStream(0).getVideoTracks()[0] ?? null;
}
