import { describe, expect, it } from "vitest";

import { bars, between, tallyOf } from "./stats";

const pair = (local: string, remote: string) =>
  new Map(
    [
      { id: "t", type: "transport", selectedCandidatePairId: "p" },
      { id: "p", type: "candidate-pair", localCandidateId: "l", remoteCandidateId: "r", currentRoundTripTime: 0.042 },
      { id: "l", type: "local-candidate", candidateType: local },
      { id: "r", type: "remote-candidate", candidateType: remote },
    ].map((stat) => [stat.id, stat]),
  );

describe("statistics", () => {
  it("say which way it goes: relayed at either end is relayed", () => {
    expect(tallyOf(pair("host", "host"), 0)).toMatchObject({ route: "host", rttMs: 42 });
    expect(tallyOf(pair("host", "prflx"), 0).route).toBe("srflx");
    expect(tallyOf(pair("host", "relay"), 0).route).toBe("relay");
    expect(tallyOf(new Map(), 0).route).toBeNull();
  });

  it("say what was lost since the last look", () => {
    const at = (seconds: number, received: number, lost: number, bytes: number) =>
      tallyOf(
        new Map([["a", { id: "a", type: "inbound-rtp", kind: "audio", packetsReceived: received, packetsLost: lost, bytesReceived: bytes }]]),
        seconds * 1000,
      );
    expect(between(at(0, 100, 10, 0), at(5, 190, 20, 25_000))).toMatchObject({ lossPct: 10, kbpsIn: 40 });
    expect(between(at(0, 100, 10, 0), at(5, 100, 10, 0)).lossPct).toBe(0);
  });

  it("have three bars", () => {
    expect(bars({ rttMs: 40, lossPct: 0, frozenMs: 0 })).toBe(3);
    expect(bars({ rttMs: 350, lossPct: 0, frozenMs: 0 })).toBe(2);
    expect(bars({ rttMs: 40, lossPct: 9, frozenMs: 0 })).toBe(1);
  });
});
