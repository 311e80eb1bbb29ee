/** Connections that negotiate as the standard says and carry nothing. Tests only. */

export class FakeTransceiver {
  mid: string | null = null;
  direction = "sendrecv";
  currentDirection: string | null = null;
  readonly sender = {
    track: null as unknown,
    replaceTrack: (track: unknown) => {
      this.sender.track = track;
      return Promise.resolve();
    },
    getParameters: () => ({ encodings: [{}] as Record<string, unknown>[] }),
    setParameters: (parameters: unknown) => {
      this.parameters = parameters;
      return Promise.resolve();
    },
  };
  readonly receiver = { track: new EventTarget(), getSynchronizationSources: () => [] };
  parameters: unknown = null;
  constructor(readonly kind: string) {}
}

interface Description {
  type: "offer" | "answer";
  sdp: string;
}

let made = 0;

export class FakeConnection extends EventTarget {
  static all: FakeConnection[] = [];
  /** How many places a description of the other side has. */
  static placesOf: (sdp: string) => number = () => 4;
  signalingState = "stable";
  connectionState = "new";
  iceGatheringState = "complete";
  localDescription: Description | null = null;
  remoteDescription: Description | null = null;
  configuration: unknown;
  restarts = 0;
  onnegotiationneeded: (() => void) | null = null;
  onicecandidate: ((event: { candidate: unknown }) => void) | null = null;
  ontrack: ((event: unknown) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  readonly candidates: unknown[] = [];
  stats: object[] = [];
  private readonly transceivers: FakeTransceiver[] = [];
  private readonly id = ++made;
  private version = 0;
  /** For the next remote description: what a browser does that cannot read it. */
  refuses = false;

  constructor(configuration: unknown) {
    super();
    this.configuration = configuration;
    FakeConnection.all.push(this);
  }

  addTransceiver(given: unknown): FakeTransceiver {
    const transceiver = new FakeTransceiver(typeof given === "string" ? given : "track");
    if (typeof given !== "string") transceiver.sender.track = given;
    this.transceivers.push(transceiver);
    if (this.transceivers.length === 1) queueMicrotask(() => this.onnegotiationneeded?.());
    return transceiver;
  }

  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }

  getSenders(): FakeTransceiver["sender"][] {
    return this.transceivers.map(({ sender }) => sender);
  }

  async setLocalDescription(): Promise<void> {
    await Promise.resolve();
    this.number();
    const type = this.signalingState === "have-remote-offer" ? "answer" : "offer";
    this.localDescription = { type, sdp: `${type} ${this.id}.${++this.version}` };
    this.signalingState = type === "offer" ? "have-local-offer" : "stable";
    if (type === "answer") this.connect();
  }

  async setRemoteDescription(description: Description): Promise<void> {
    await Promise.resolve();
    if (this.refuses) throw new DOMException("cannot be read", "OperationError");
    if (description.type === "answer") {
      if (this.signalingState !== "have-local-offer") throw new DOMException("no offer", "InvalidStateError");
      this.signalingState = "stable";
    } else this.signalingState = "have-remote-offer"; // An offer of one's own is rolled back.
    this.remoteDescription = description;
    while (description.type === "offer" && this.transceivers.length < FakeConnection.placesOf(description.sdp)) {
      const transceiver = new FakeTransceiver("remote");
      transceiver.direction = "recvonly";
      this.transceivers.push(transceiver);
    }
    this.number();
    if (description.type === "answer") this.connect();
  }

  addIceCandidate(candidate: unknown): Promise<void> {
    this.candidates.push(candidate);
    return Promise.resolve();
  }

  restartIce(): void {
    this.restarts += 1;
    queueMicrotask(() => this.onnegotiationneeded?.());
  }

  setConfiguration(configuration: unknown): void {
    this.configuration = configuration;
  }

  getStats(): Promise<Map<string, object>> {
    return Promise.resolve(new Map(this.stats.map((stat, index) => [`s${index}`, { id: `s${index}`, ...stat }])));
  }

  close(): void {
    this.connectionState = "closed";
  }

  private number(): void {
    for (const [index, transceiver] of this.transceivers.entries()) transceiver.mid = String(index);
  }

  private connect(): void {
    this.connectionState = "connected";
    this.onconnectionstatechange?.();
  }
}
