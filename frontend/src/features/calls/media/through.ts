/** The way through a media server: fetch a pass, join, and join anew for as long as the call goes there. */
import type { DriverOptions, SfuDriver } from "../sfu/driver";
import type { IceConfig, Leg, MediaPass } from "../model/shapes";
import type { Outgoing, Slot } from "./slots";
import { between } from "./stats";
import type { Tally } from "./stats";
import type { Heard, Way } from "./way";

/** Between two tries to join. */
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000];

export type LoadDriver = (provider: MediaPass["provider"]) => Promise<(options: DriverOptions) => SfuDriver>;

export interface ThroughOptions {
  generation: number;
  ice: IceConfig;
  outgoing: Outgoing;
  pass: () => Promise<MediaPass>;
  onTrack: (legId: string, slot: Slot, track: MediaStreamTrack) => void;
  /** Whether the server can be reached; it is tried again by itself. */
  onReach: (reaches: boolean) => void;
  load?: LoadDriver;
}

async function loadDriver(provider: MediaPass["provider"]): Promise<(options: DriverOptions) => SfuDriver> {
  // Each in a file of its own: the vendor's brings its SDK along, which nobody fetches whose calls go elsewhere.
  return provider === "hms" ? (await import("../sfu/hms")).drive : (await import("../sfu/janus")).drive;
}

export class Through implements Way {
  private driver: SfuDriver | null = null;
  private outgoing: Outgoing;
  private ice: IceConfig;
  private legIds: readonly string[] = [];
  private shown: [readonly Leg[], string | undefined] = [[], undefined];
  private readonly last = new Map<string, Tally>();
  private readonly heardAt = new Map<string, number>();
  private tries = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isClosed = false;
  private isResting = false;

  constructor(private readonly options: ThroughOptions) {
    this.outgoing = options.outgoing;
    this.ice = options.ice;
    void this.join();
  }

  get generation(): number {
    return this.options.generation;
  }

  follow(legIds: readonly string[]): void {
    this.legIds = legIds;
    for (const id of legIds) if (!this.heardAt.has(id)) this.heardAt.set(id, performance.now());
    for (const id of this.heardAt.keys()) if (!legIds.includes(id)) this.forget(id);
    this.driver?.follow(legIds);
  }

  show(legs: readonly Leg[], large: string | undefined): void {
    this.shown = [legs, large];
    this.driver?.show(legs, large);
  }

  send(outgoing: Outgoing): void {
    this.outgoing = outgoing;
    this.driver?.send(outgoing);
  }

  /** Nothing is agreed between legs here. */
  take(): void {
    return;
  }

  retry(): void {
    if (this.timer !== undefined) this.joinSoon(0);
  }

  wake(): void {
    this.driver?.wake();
    this.retry();
  }

  rest(): void {
    this.isResting = true;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  refresh(ice: IceConfig): void {
    this.ice = ice;
    this.driver?.refresh(ice);
  }

  async look(now = performance.now()): Promise<Map<string, Heard>> {
    const heard = new Map<string, Heard>();
    const driver = this.driver;
    for (const [id, tally] of (await driver?.stats(now)) ?? []) {
      if (this.isClosed || this.driver !== driver || !this.legIds.includes(id)) continue;
      const last = this.last.get(id);
      this.last.set(id, tally);
      const hears = tally.audioPackets > (last?.audioPackets ?? 0);
      if (hears) this.heardAt.set(id, now);
      heard.set(id, { quality: between(last ?? tally, tally), tally, hears });
    }
    return heard;
  }

  silence(legId: string, now = performance.now()): number {
    return now - (this.heardAt.get(legId) ?? now);
  }

  levels(): Map<string, number> {
    return this.driver?.levels() ?? new Map<string, number>();
  }

  connections(): Map<string, RTCPeerConnection> {
    return new Map((this.driver?.connections() ?? []).map((pc, index) => [`sfu ${index}`, pc]));
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.driver?.leave();
  }

  private async join(): Promise<void> {
    this.timer = undefined;
    let driver: SfuDriver | null = null;
    try {
      const pass = await this.options.pass();
      // The call has moved on: whoever holds this way hears of it in a moment.
      if (pass.generation !== this.generation) throw new Error("That pass is for another way.");
      const drive = await (this.options.load ?? loadDriver)(pass.provider);
      if (this.isClosed || this.isResting) return;
      driver = drive({
        ice: this.ice,
        outgoing: this.outgoing,
        freshPass: this.options.pass,
        onTrack: this.options.onTrack,
        onGone: () => {
          if (this.driver === driver) this.lost();
        },
      });
      this.driver = driver;
      driver.follow(this.legIds);
      driver.show(...this.shown);
      await driver.join(pass);
      this.tries = 0;
      this.options.onReach(true);
    } catch {
      driver?.leave();
      this.lost();
    }
  }

  private lost(): void {
    if (this.isClosed || this.isResting) return;
    this.driver = null;
    this.last.clear();
    // Once is no sentence: a room that is being made is not there at the first try.
    if (this.tries > 0) this.options.onReach(false);
    this.joinSoon(PAUSES_MS[Math.min(this.tries++, PAUSES_MS.length - 1)] ?? 0);
  }

  private joinSoon(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.join(), ms);
  }

  private forget(id: string): void {
    this.heardAt.delete(id);
    this.last.delete(id);
  }
}
