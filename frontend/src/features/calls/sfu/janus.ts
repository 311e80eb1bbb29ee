/** A call through Janus, reached by this site's own door. The page knows no secret of it, only a pass that is good once. */
import type { Outgoing } from "../media/slots";
import type { Tally } from "../media/stats";
import type { IceConfig, Leg, MediaPass } from "../model/shapes";
import type { DriverOptions, SfuDriver } from "./driver";
import { JanusPublisher } from "./publisher";
import { JanusRefusal, JanusSocket } from "./socket";
import type { JanusFrame } from "./socket";
import { JanusSubscriber } from "./subscriber";
import { sumsByLeg } from "./sums";

/** So long the server keeps a session that nobody speaks for. */
const CLAIM_MS = 30_000;
const PAUSES_MS = [0, 500, 1_000, 2_000, 4_000];

export function drive(options: DriverOptions): SfuDriver {
  return new JanusDriver(options);
}

class JanusDriver implements SfuDriver {
  private socket: JanusSocket | null = null;
  private session = 0;
  private main = 0;
  private generation = 0;
  private up: JanusPublisher | null = null;
  private down: JanusSubscriber | null = null;
  private ice: IceConfig;
  private outgoing: Outgoing;
  private legIds: readonly string[] = [];
  private shown: [readonly Leg[], string | undefined] = [[], undefined];
  private isIn = false;
  private isOver = false;

  constructor(private readonly options: DriverOptions) {
    this.ice = options.ice;
    this.outgoing = options.outgoing;
  }

  async join(pass: MediaPass): Promise<void> {
    this.generation = pass.generation;
    try {
      const socket = (this.socket = await this.dial(pass));
      this.session = await socket.create();
      this.main = await socket.attach();
      const down = (this.down = new JanusSubscriber(socket, { ice: this.ice, onTrack: this.options.onTrack }));
      const joined = await socket.say(this.main, { request: "join", ptype: "publisher" });
      down.follow(this.legIds);
      down.show(...this.shown);
      down.come(joined.plugindata?.data.publishers ?? []);
      this.up = new JanusPublisher(socket, this.main, this.ice, this.outgoing);
      await this.up.publish();
      if (this.isOver) throw new JanusRefusal(0, "Left meanwhile.");
      this.up.send(this.outgoing);
      this.isIn = true;
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  send(outgoing: Outgoing): void {
    this.outgoing = outgoing;
    this.up?.send(outgoing);
  }

  follow(legIds: readonly string[]): void {
    this.legIds = legIds;
    this.down?.follow(legIds);
  }

  show(legs: readonly Leg[], large: string | undefined): void {
    this.shown = [legs, large];
    this.down?.show(legs, large);
  }

  wake(): void {
    this.up?.restart();
    this.down?.restart();
  }

  refresh(ice: IceConfig): void {
    this.ice = ice;
  }

  stats(now: number): Promise<Map<string, Tally>> {
    return sumsByLeg({ down: this.down?.pc, up: this.up?.pc }, this.down?.places() ?? new Map(), now);
  }

  levels(): Map<string, number> {
    return this.down?.levels() ?? new Map<string, number>();
  }

  connections(): RTCPeerConnection[] {
    return [this.up?.pc, this.down?.pc].filter((pc) => pc !== undefined && pc !== null);
  }

  leave(): void {
    this.isOver = true;
    this.up?.close();
    this.down?.close();
    this.socket?.close();
  }

  private dial(pass: MediaPass): Promise<JanusSocket> {
    let dialled: JanusSocket | null = null;
    const closed = () => {
      if (this.isIn && !this.isOver && this.socket === dialled) void this.comeBack();
    };
    return JanusSocket.dial(pass.url, (frame) => this.hear(frame), closed).then((socket) => (dialled = socket));
  }

  private hear(frame: JanusFrame): void {
    if (this.down?.owns(frame.sender) === true) this.down.take(frame);
    if (frame.janus === "timeout") this.gone();
    const data = frame.plugindata?.data;
    if (frame.sender !== this.main || data === undefined) return;
    if (data.publishers) this.down?.come(data.publishers);
    for (const left of [data.unpublished, data.leaving]) if (left !== undefined && left !== "ok") this.down?.gone(left);
  }

  /** The door was lost, and what is heard goes on: the session is taken over through another one. */
  private async comeBack(): Promise<void> {
    const until = performance.now() + CLAIM_MS;
    for (let tries = 0; !this.isOver && performance.now() < until; tries++) {
      await new Promise((resolve) => setTimeout(resolve, PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)]));
      const outcome = await this.claim();
      if (outcome === "in") return;
      if (outcome === "gone") break;
    }
    this.gone();
  }

  private async claim(): Promise<"in" | "gone" | "away"> {
    let socket: JanusSocket | null = null;
    try {
      const pass = await this.options.freshPass();
      if (this.isOver || pass.generation !== this.generation) return "gone";
      socket = await this.dial(pass);
      await socket.claim(this.session);
      this.socket = socket;
      this.up?.reached(socket);
      this.down?.reached(socket);
      // What was switched meanwhile.
      this.up?.send(this.outgoing);
      return "in";
    } catch (error) {
      socket?.close();
      return error instanceof JanusRefusal && error.code === NO_SUCH_SESSION ? "gone" : "away";
    }
  }

  private gone(): void {
    if (this.isOver) return;
    this.leave();
    this.options.onGone();
  }
}

const NO_SUCH_SESSION = 458;
