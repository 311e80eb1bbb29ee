import { describe, expect, it } from "vitest";

import { moved, sideOf, whole, within } from "./crop";

const SIZE = { width: 800, height: 600 };

describe("the square of a picture", () => {
  it("begins as the middle, as large as fits", () => {
    expect(whole(SIZE)).toEqual({ zoom: 1, x: 400, y: 300 });
    expect(sideOf(SIZE, whole(SIZE))).toBe(600);
  });

  it("never shows what is beside the picture", () => {
    expect(within(SIZE, { zoom: 1, x: 0, y: 900 })).toEqual({ zoom: 1, x: 300, y: 300 });
    expect(within(SIZE, { zoom: 2, x: 800, y: 0 })).toEqual({ zoom: 2, x: 650, y: 150 });
    expect(within(SIZE, { zoom: 99, x: 400, y: 300 }).zoom).toBe(4);
    expect(within(SIZE, { zoom: 0, x: 400, y: 300 }).zoom).toBe(1);
  });

  it("moves by parts of itself, and stops at the edges", () => {
    const near = { zoom: 2, x: 400, y: 300 };
    expect(moved(SIZE, near, 0.5, 0)).toEqual({ zoom: 2, x: 550, y: 300 });
    expect(moved(SIZE, near, 0, -9)).toEqual({ zoom: 2, x: 400, y: 150 });
  });
});
