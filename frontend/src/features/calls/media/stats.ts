/** What a connection carries, out of its statistics. */

export type Route = "host" | "srflx" | "relay" | "sfu";

/** Sums since the connection was made. */
export interface Tally {
  at: number;
  audioPackets: number;
  /** Sound that was decoded, without what was made up for lost packets. */
  audioMs: number;
  frames: number;
  bytesIn: number;
  bytesOut: number;
  packets: number;
  lost: number;
  freezesMs: number;
  jitterMs: number;
  rttMs: number | null;
  route: Route | null;
}

export interface Quality {
  rttMs: number;
  lossPct: number;
  jitterMs: number;
  kbpsIn: number;
  kbpsOut: number;
  frozenMs: number;
}

export interface Stat {
  id: string;
  mid?: string;
  type: string;
  kind?: string;
  packetsReceived?: number;
  packetsLost?: number;
  bytesReceived?: number;
  bytesSent?: number;
  framesDecoded?: number;
  totalSamplesReceived?: number;
  concealedSamples?: number;
  totalSamplesDuration?: number;
  totalFreezesDuration?: number;
  jitter?: number;
  selectedCandidatePairId?: string;
  localCandidateId?: string;
  remoteCandidateId?: string;
  currentRoundTripTime?: number;
  candidateType?: string;
}

export async function tally(pc: Pick<RTCPeerConnection, "getStats">, at = performance.now()): Promise<Tally> {
  const all = new Map<string, Stat>();
  (await pc.getStats()).forEach((stat: Stat) => all.set(stat.id, stat));
  return tallyOf(all, at);
}

export function tallyOf(all: ReadonlyMap<string, Stat>, at: number): Tally {
  const sum: Tally = {
    at, audioPackets: 0, audioMs: 0, frames: 0, bytesIn: 0, bytesOut: 0, packets: 0, lost: 0, freezesMs: 0, jitterMs: 0, rttMs: null, route: null,
  };
  for (const stat of all.values()) {
    if (stat.type === "inbound-rtp") {
      sum.packets += stat.packetsReceived ?? 0;
      sum.lost += Math.max(0, stat.packetsLost ?? 0);
      sum.bytesIn += stat.bytesReceived ?? 0;
      sum.jitterMs = Math.max(sum.jitterMs, (stat.jitter ?? 0) * 1000);
      if (stat.kind === "audio") {
        sum.audioPackets += stat.packetsReceived ?? 0;
        sum.audioMs += decodedMs(stat);
      }
      sum.frames += stat.framesDecoded ?? 0;
      sum.freezesMs += (stat.totalFreezesDuration ?? 0) * 1000;
    } else if (stat.type === "outbound-rtp") sum.bytesOut += stat.bytesSent ?? 0;
    else if (stat.type === "transport") addPair(sum, stat, all);
  }
  return sum;
}

function decodedMs({ totalSamplesReceived: all = 0, concealedSamples: madeUp = 0, totalSamplesDuration: seconds = 0 }: Stat): number {
  return all === 0 ? 0 : seconds * 1000 * Math.max(0, 1 - madeUp / all);
}

function addPair(sum: Tally, transport: Stat, all: ReadonlyMap<string, Stat>): void {
  const pair = all.get(transport.selectedCandidatePairId ?? "");
  if (pair === undefined) return;
  const ends = [all.get(pair.localCandidateId ?? ""), all.get(pair.remoteCandidateId ?? "")].map((end) => end?.candidateType);
  if (pair.currentRoundTripTime !== undefined) sum.rttMs = pair.currentRoundTripTime * 1000;
  // Relayed at either end is relayed; what the other side reflected counts as found through the network.
  sum.route = ends.includes("relay") ? "relay" : ends.some((end) => end !== "host") ? "srflx" : "host";
}

/** How it went between two looks. */
export function between(before: Tally, now: Tally): Quality {
  const seconds = Math.max(0.001, (now.at - before.at) / 1000);
  const lost = Math.max(0, now.lost - before.lost);
  const all = Math.max(0, now.packets - before.packets) + lost;
  return {
    rttMs: Math.round(now.rttMs ?? 0),
    lossPct: all === 0 ? 0 : round((lost / all) * 100),
    jitterMs: round(now.jitterMs),
    kbpsIn: round((Math.max(0, now.bytesIn - before.bytesIn) * 8) / 1000 / seconds),
    kbpsOut: round((Math.max(0, now.bytesOut - before.bytesOut) * 8) / 1000 / seconds),
    frozenMs: Math.round(Math.max(0, now.freezesMs - before.freezesMs)),
  };
}

/**
 * Three bars for what one does not notice, one for what one cannot talk over. The bounds follow ITU-T G.114 (up to 150 ms
 * one way is good, above 400 ms is not) and the loss that Opus hides well.
 */
export function bars({ rttMs, lossPct, frozenMs }: Pick<Quality, "rttMs" | "lossPct" | "frozenMs">): 1 | 2 | 3 {
  if (lossPct > 8 || rttMs > 800 || frozenMs > 1_500) return 1;
  if (lossPct > 3 || rttMs > 300 || frozenMs > 300) return 2;
  return 3;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
