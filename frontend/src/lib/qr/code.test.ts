import jsQR from "jsqr";
import { expect, it } from "vitest";

import { qrCode } from "./code";
import type { Modules } from "./code";

/** As a camera has it: four pixels to a module, and the quiet zone of four modules. */
function read(modules: Modules): string | undefined {
  const size = (modules.length + 8) * 4;
  const pixels = new Uint8ClampedArray(size * size * 4).fill(255);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      if (modules[Math.floor(y / 4) - 4]?.[Math.floor(x / 4) - 4] === true) pixels.fill(0, (y * size + x) * 4, (y * size + x) * 4 + 3);
  return jsQR(pixels, size, size)?.data;
}

const LENGTHS = [1, 14, 15, 26, 42, 62, 84, 106, 122, 152, 180, 213];

it.each(LENGTHS)("is read by somebody else's decoder: %i bytes", (length) => {
  const text = "https://example.org/app/invite/AbC-019/?k=".repeat(6).slice(0, length);
  const modules = qrCode(text);
  expect(modules && read(modules)).toBe(text);
});

it("is as large as it must be, and no larger", () => {
  const sizes = [14, 15, 26, 42, 62, 84, 106, 122, 152, 180, 213].map((length) => qrCode("x".repeat(length))?.length);
  expect(sizes).toEqual([21, 25, 25, 29, 33, 37, 41, 45, 49, 53, 57]);
});

it("keeps letters of all scripts", () => {
  const modules = qrCode("https://приклад.укр/їжак");
  expect(modules && read(modules)).toBe("https://приклад.укр/їжак");
});

it("is read though a corner is dirty", () => {
  const text = "https://example.org/app/invite/019a3e7c-1d7b-6e9a";
  const modules = qrCode(text)?.map((row, y) => row.map((dark, x) => (y > 20 && y < 25 && x > 22 && x < 26 ? !dark : dark)));
  expect(modules && read(modules)).toBe(text);
});

it("says so when a text is too long", () => {
  expect(qrCode("x".repeat(214))).toBeNull();
});
