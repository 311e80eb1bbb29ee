/** What this leg sends: the four places of every connection, the camera in two sizes of which each viewer is given one. */
import { configuration } from "../media/peer";
import { SLOTS } from "../media/slots";
import type { Outgoing, Slot } from "../media/slots";
import type { IceConfig } from "../model/shapes";
import type { JanusSocket, Jsep } from "./socket";
import { trickled } from "./trickle";

/** Large and small. */
const LAYERS = [
  { rid: "h", height: 360, maxBitrate: 500_000 },
  { rid: "l", height: 180, maxBitrate: 130_000 },
] as const;
const CAMERA_FRAMERATE = 24;
const SCREEN = { maxBitrate: 2_500_000, maxFramerate: 15 };
/** Bits a second of everything that one leg sends, as the server holds it to. */
const WITH_CAMERA = 700_000;
const WITH_SCREEN = 3_200_000;

export class JanusPublisher {
  readonly pc: RTCPeerConnection;
  private readonly transceivers: Record<Slot, RTCRtpTransceiver>;
  private work: Promise<unknown> = Promise.resolve();
  private isClosed = false;

  constructor(
    private socket: JanusSocket,
    private readonly handle: number,
    ice: IceConfig,
    private outgoing: Outgoing,
  ) {
    this.pc = new RTCPeerConnection(configuration(ice));
    trickled(this.pc, (candidates) => this.socket.trickle(handle, candidates));
    const add = (slot: Slot, kind: "audio" | "video", sendEncodings?: RTCRtpEncodingParameters[]) =>
      this.pc.addTransceiver(outgoing[slot] ?? kind, { direction: "sendonly", ...(sendEncodings && { sendEncodings }) });
    this.transceivers = {
      audio: add("audio", "audio"),
      camera: add("camera", "video", layers(outgoing.camera)),
      screen: add("screen", "video"),
      sound: add("sound", "audio"),
    };
    this.pc.onconnectionstatechange = () => {
      if (this.pc.connectionState === "connected") void this.limitScreen();
      if (this.pc.connectionState === "failed") this.restart();
    };
  }

  /** Begin to send. */
  async publish(): Promise<void> {
    await this.agree((offer) => {
      const descriptions = SLOTS.map((slot) => ({ mid: this.transceivers[slot].mid, description: slot }));
      return this.socket.say(this.handle, { request: "publish", descriptions, bitrate: this.bitrate() }, offer);
    });
  }

  send(outgoing: Outgoing): void {
    const before = this.outgoing;
    this.outgoing = outgoing;
    for (const slot of SLOTS) if (before[slot] !== outgoing[slot]) this.put(slot);
    if ((before.screen === null) !== (outgoing.screen === null)) {
      void this.socket.say(this.handle, { request: "configure", bitrate: this.bitrate() }).catch(() => undefined);
    }
  }

  /** Look for another way to the server. */
  restart(): void {
    if (this.isClosed || this.pc.remoteDescription === null) return;
    this.pc.restartIce();
    void this.agree((offer) => this.socket.say(this.handle, { request: "configure" }, offer)).catch(() => undefined);
  }

  /** The session is reached by another socket now. */
  reached(socket: JanusSocket): void {
    this.socket = socket;
  }

  close(): void {
    this.isClosed = true;
    this.pc.onicecandidate = this.pc.onconnectionstatechange = null;
    this.pc.close();
  }

  private agree(ask: (offer: Jsep) => Promise<{ jsep?: Jsep }>): Promise<void> {
    const work = this.work.then(async () => {
      await this.pc.setLocalDescription();
      const { jsep } = await ask({ type: "offer", sdp: this.pc.localDescription?.sdp ?? "" });
      if (jsep) await this.pc.setRemoteDescription(jsep);
    });
    this.work = work.catch(() => undefined);
    return work;
  }

  private put(slot: Slot): void {
    const { sender } = this.transceivers[slot];
    const track = this.outgoing[slot];
    void sender
      .replaceTrack(track)
      .then(() => {
        if (slot === "camera" && track !== null) return this.limitCamera();
        return slot === "screen" && track !== null ? this.limitScreen() : undefined;
      })
      .catch(() => undefined);
  }

  /** Cameras differ in size; what is sent of them does not. */
  private async limitCamera(): Promise<void> {
    const { sender } = this.transceivers.camera;
    const parameters = sender.getParameters();
    const wanted = layers(this.outgoing.camera);
    parameters.encodings = parameters.encodings.map((encoding) => ({
      ...encoding,
      ...wanted.find(({ rid }) => rid === encoding.rid),
    }));
    await sender.setParameters(parameters).catch(() => undefined);
  }

  private async limitScreen(): Promise<void> {
    const { sender } = this.transceivers.screen;
    const parameters = sender.getParameters();
    for (const encoding of parameters.encodings) Object.assign(encoding, SCREEN);
    Object.assign(parameters, { degradationPreference: "maintain-resolution" });
    await sender.setParameters(parameters).catch(() => undefined);
  }

  private bitrate(): number {
    return this.outgoing.screen === null ? WITH_CAMERA : WITH_SCREEN;
  }
}

function layers(camera: MediaStreamTrack | null): RTCRtpEncodingParameters[] {
  const height = camera?.getSettings().height ?? 720;
  return LAYERS.map((layer) => ({
    rid: layer.rid,
    maxBitrate: layer.maxBitrate,
    maxFramerate: CAMERA_FRAMERATE,
    scaleResolutionDownBy: Math.max(1, height / layer.height),
  }));
}
