import { afterEach, describe, expect, it, vi } from "vitest";

import { shareOf } from "./Album";
import { changeSpeed, speed } from "./speed";
import { barsIn, barsOf } from "./waveform";

afterEach(() => vi.unstubAllGlobals());

describe("the loudness of a recording", () => {
  it("is told for equal parts, the loudest being the measure", () => {
    const samples = new Float32Array(400);
    samples.fill(0.5, 100, 200);
    samples.fill(0.05, 200, 300);
    const [silent, loudest, quieter, end] = barsIn(samples, 4);
    expect([silent, loudest, end]).toEqual([0, 1, 0]);
    expect(quieter).toBeGreaterThan(0.4);
    expect(quieter).toBeLessThan(1);
  });

  it("is told of silence, and of less sound than there are bars", () => {
    expect(barsIn(new Float32Array(1000), 3)).toEqual([0, 0, 0]);
    expect(barsIn(new Float32Array(2).fill(1), 4)).toHaveLength(4);
    expect(barsIn(new Float32Array(0), 4)).toEqual([0, 0, 0, 0]);
  });

  it("is not looked for in what is too large, and asked for again after a failure", async () => {
    const fetch = vi.fn(() => Promise.reject(new TypeError("offline")));
    vi.stubGlobal("fetch", fetch);
    expect(await barsOf("large", "/large", 50_000_000)).toBeNull();
    expect(fetch).not.toHaveBeenCalled();
    expect(await barsOf("small", "/small", 1000)).toBeNull();
    expect(await barsOf("small", "/small", 1000)).toBeNull();
    expect(fetch).toHaveBeenCalledTimes(2);
  });
});

describe("the speed", () => {
  it("goes round and is kept", () => {
    const seen = [1, 2, 3].map(() => {
      changeSpeed();
      return [speed.value, localStorage.getItem("kintsugi.voice.speed")];
    });
    expect(seen).toEqual([[1.5, "1.5"], [2, "2"], [1, "1"]]);
  });
});

describe("the rows of an album", () => {
  it.each([2, 3, 4, 5, 6, 7, 8, 9, 10])("are full with %i pictures", (count) => {
    const room = { whole: 6, half: 3, third: 2 };
    const shares = Array.from({ length: count }, (_, index) => room[shareOf(index, count)]);
    expect(shares.reduce((sum, one) => sum + one, 0) % 6).toBe(0);
  });
});
