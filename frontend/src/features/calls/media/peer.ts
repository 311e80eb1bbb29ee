/**
 * The connection to one other leg: perfect negotiation (W3C WebRTC, section 10.7) over acknowledged frames.
 *
 * Only the impolite side makes the first offer: when both do, the one that rolls back may hang in gathering for ever.
 */
import type { IceConfig, Signal } from "../model/shapes";
import type { Wire } from "../model/wire";
import { KIND_OF, SLOTS } from "./slots";
import type { Bounds, Outgoing, Slot } from "./slots";

/** An offer waits so long for a first candidate, and takes along what is found in the moment after it. */
const GATHER_MS = 200;
/** One's own addresses come together; what has to be asked for, or takes a port of its own, comes later by itself. */
const MOMENT_MS = 20;

export interface PeerOptions {
  polite: boolean;
  wire: Pick<Wire, "send" | "trickle">;
  ice: IceConfig;
  outgoing: Outgoing;
  onTrack: (slot: Slot, track: MediaStreamTrack) => void;
  onState: (state: RTCPeerConnectionState) => void;
  /** It can go no further: a new connection must be made. */
  onBroken: () => void;
}

export class Peer {
  readonly pc: RTCPeerConnection;
  private outgoing: Outgoing;
  private bounds: Bounds | null = null;
  private isMaking = false;
  private isIgnoring = false;
  private isSettingAnswer = false;
  private isHolding = false;
  private isClosed = false;
  private work: Promise<void> = Promise.resolve();

  constructor(private readonly options: PeerOptions) {
    this.outgoing = options.outgoing;
    this.pc = new RTCPeerConnection(configuration(options.ice));
    this.pc.onnegotiationneeded = () => void this.offer();
    this.pc.onicecandidate = ({ candidate }) => this.found(candidate);
    this.pc.ontrack = ({ transceiver, track }) => {
      const slot = this.slotOf(transceiver);
      if (slot !== undefined) options.onTrack(slot, track);
    };
    this.pc.onconnectionstatechange = () => {
      if (this.isClosed) return;
      options.onState(this.pc.connectionState);
      if (this.pc.connectionState === "connected") void this.limit();
    };
    if (!options.polite) {
      for (const slot of SLOTS) this.pc.addTransceiver(this.outgoing[slot] ?? KIND_OF[slot], { direction: "sendrecv" });
    }
  }

  /** In the order in which they were sent; each is done with before the next begins. */
  take(signal: Signal): void {
    this.work = this.work.then(() => this.heed(signal)).catch(() => this.broke());
  }

  /** Resolves when all that was taken is done with. */
  settled(): Promise<void> {
    return this.work;
  }

  send(outgoing: Outgoing): void {
    const before = this.outgoing;
    this.outgoing = outgoing;
    for (const slot of SLOTS) if (before[slot] !== outgoing[slot]) this.put(slot);
    void this.limit();
  }

  bound(bounds: Bounds): void {
    this.bounds = bounds;
    void this.limit();
  }

  /** Look for another way, with fresh credentials. */
  restart(ice: IceConfig): void {
    if (this.isClosed || this.pc.remoteDescription === null) return;
    this.pc.setConfiguration(configuration(ice));
    this.pc.restartIce();
  }

  refresh(ice: IceConfig): void {
    if (!this.isClosed) this.pc.setConfiguration(configuration(ice));
  }

  close(): void {
    this.isClosed = true;
    this.pc.onnegotiationneeded = this.pc.onicecandidate = this.pc.ontrack = this.pc.onconnectionstatechange = null;
    this.pc.close();
  }

  /** How loud the other side is at the moment, between 0 and 1. */
  level(): number {
    const [source] = this.pc.getTransceivers()[0]?.receiver.getSynchronizationSources() ?? [];
    return source?.audioLevel ?? 0;
  }

  slotOf(transceiver: RTCRtpTransceiver): Slot | undefined {
    return SLOTS[this.pc.getTransceivers().indexOf(transceiver)];
  }

  private async offer(): Promise<void> {
    if (this.options.polite && this.pc.remoteDescription === null) return;
    try {
      this.isMaking = true;
      this.isHolding = true;
      await this.pc.setLocalDescription();
      await gathered(this.pc);
      const description = this.pc.localDescription;
      // Meanwhile the other side may have offered, and this one have given way.
      if (description?.type === "offer") this.options.wire.send({ type: "call.offer", sdp: description.sdp });
    } catch {
      this.broke();
    } finally {
      this.isMaking = false;
      this.isHolding = false;
    }
  }

  private found(candidate: RTCIceCandidate | null): void {
    // What is found while the offer waits goes with it.
    if (this.isHolding && candidate !== null) return;
    this.options.wire.trickle(
      candidate === null
        ? null
        : {
            candidate: candidate.candidate,
            sdp_mid: candidate.sdpMid,
            sdp_mline_index: candidate.sdpMLineIndex,
            username_fragment: candidate.usernameFragment,
          },
    );
  }

  private async heed(signal: Signal): Promise<void> {
    if (this.isClosed) return;
    if (signal.type === "call.ice") await this.reach(signal.candidates);
    else await this.agree(signal.type === "call.offer" ? "offer" : "answer", signal.sdp);
  }

  private async agree(type: "offer" | "answer", sdp: string): Promise<void> {
    const isReady = !this.isMaking && (this.pc.signalingState === "stable" || this.isSettingAnswer);
    this.isIgnoring = type === "offer" && !isReady && !this.options.polite;
    if (this.isIgnoring) return;
    if (type === "answer" && this.pc.signalingState !== "have-local-offer") return;
    this.isSettingAnswer = type === "answer";
    try {
      await this.pc.setRemoteDescription({ type, sdp });
    } finally {
      this.isSettingAnswer = false;
    }
    if (type === "answer") return;
    this.isHolding = false;
    this.adopt();
    await this.pc.setLocalDescription();
    const answer = this.pc.localDescription;
    if (answer) this.options.wire.send({ type: "call.answer", sdp: answer.sdp });
  }

  private async reach(candidates: Extract<Signal, { type: "call.ice" }>["candidates"]): Promise<void> {
    for (const candidate of candidates) {
      const init = candidate && {
        candidate: candidate.candidate,
        sdpMid: candidate.sdp_mid,
        sdpMLineIndex: candidate.sdp_mline_index,
        usernameFragment: candidate.username_fragment,
      };
      try {
        await this.pc.addIceCandidate(init ?? undefined);
      } catch {
        // Of an offer that was ignored, or of a way that was given up since; another one is offered.
      }
    }
  }

  /** The places of an offer of the other side are taken as they are. */
  private adopt(): void {
    for (const transceiver of this.pc.getTransceivers()) {
      if (transceiver.direction !== "sendrecv" && transceiver.currentDirection === null) transceiver.direction = "sendrecv";
    }
    for (const slot of SLOTS) this.put(slot);
  }

  private put(slot: Slot): void {
    const sender = this.senderOf(slot);
    if (sender && sender.track !== this.outgoing[slot]) void sender.replaceTrack(this.outgoing[slot]).catch(() => undefined);
  }

  private senderOf(slot: Slot): RTCRtpSender | undefined {
    return this.pc.getTransceivers()[SLOTS.indexOf(slot)]?.sender;
  }

  private async limit(): Promise<void> {
    if (this.bounds === null || this.pc.connectionState !== "connected") return;
    const { camera, screen } = this.bounds;
    const height = this.outgoing.camera?.getSettings().height ?? camera.height;
    await this.limitOne("camera", camera.bitrate, camera.framerate, Math.max(1, height / camera.height), "balanced");
    await this.limitOne("screen", screen.bitrate, screen.framerate, 1, "maintain-resolution");
  }

  private async limitOne(
    slot: Slot,
    maxBitrate: number,
    maxFramerate: number,
    scaleResolutionDownBy: number,
    degradationPreference: "balanced" | "maintain-resolution",
  ): Promise<void> {
    const sender = this.senderOf(slot);
    const parameters = sender?.getParameters();
    const [encoding] = parameters?.encodings ?? [];
    if (sender === undefined || parameters === undefined || encoding === undefined) return;
    Object.assign(encoding, { maxBitrate, maxFramerate, scaleResolutionDownBy });
    Object.assign(parameters, { degradationPreference });
    // Two changes at once: the later one holds, and sets the same.
    await sender.setParameters(parameters).catch(() => undefined);
  }

  private broke(): void {
    if (!this.isClosed) this.options.onBroken();
  }
}

export function configuration({ ice_servers: servers, policy }: IceConfig): RTCConfiguration {
  return {
    iceServers: servers.map(({ urls, username, credential }) => ({
      urls,
      ...(typeof username === "string" && { username }),
      ...(typeof credential === "string" && { credential }),
    })),
    iceTransportPolicy: policy,
    bundlePolicy: "max-bundle",
    iceCandidatePoolSize: 0,
  };
}

/** Resolves when an offer has something to be reached by, or has waited long enough for it. */
function gathered(pc: RTCPeerConnection): Promise<void> {
  if (pc.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHER_MS);
    const soon = () => {
      clearTimeout(timer);
      setTimeout(resolve, MOMENT_MS);
    };
    pc.addEventListener("icecandidate", soon, { once: true });
  });
}
