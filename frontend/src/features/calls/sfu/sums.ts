/** What two connections to a media server carry, told apart by whose it is. */
import { tallyOf } from "../media/stats";
import type { Stat, Tally } from "../media/stats";

/** Whose stands where in the connection that brings the others, by the number of the place. */
export type Places = ReadonlyMap<string, { legId: string }>;

interface Connections {
  down: RTCPeerConnection | null | undefined;
  up: RTCPeerConnection | null | undefined;
}

export async function sumsByLeg({ down, up }: Connections, places: Places, now: number): Promise<Map<string, Tally>> {
  const sums = new Map<string, Tally>();
  const [inward, outward] = await Promise.all([statsOf(down), statsOf(up)]);
  const legIds = new Set([...places.values()].map(({ legId }) => legId));
  const sent = tallyOf(outward, now);
  for (const legId of legIds) {
    const own = new Map([...inward].filter(([, stat]) => stat.mid === undefined || places.get(stat.mid)?.legId === legId));
    // What is sent is sent once, for all.
    const bytesOut = sent.bytesOut / legIds.size;
    const { rttMs, ...sum } = tallyOf(own, now);
    sums.set(legId, { ...sum, rttMs: sent.rttMs ?? rttMs, bytesOut, route: "sfu" });
  }
  return sums;
}

async function statsOf(pc: RTCPeerConnection | null | undefined): Promise<Map<string, Stat>> {
  const all = new Map<string, Stat>();
  (await pc?.getStats())?.forEach((stat: Stat) => all.set(stat.id, stat));
  return all;
}
