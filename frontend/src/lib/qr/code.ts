/**
 * Addresses as QR codes (ISO/IEC 18004:2015): bytes, error correction M, versions 1 to 10, which is up to 213 bytes.
 *
 * Nothing here knows a screen: the answer is a square of modules, true for dark, without the quiet zone.
 */
import { correctionOf } from "./correction";

export type Modules = readonly (readonly boolean[])[];

/** By version: codewords of correction in each block, and how many data codewords each block has (Table 9, level M). */
const BLOCKS: readonly (readonly [number, readonly number[]])[] = [
  [10, [16]],
  [16, [28]],
  [26, [44]],
  [18, [32, 32]],
  [24, [43, 43]],
  [16, [27, 27, 27, 27]],
  [18, [31, 31, 31, 31]],
  [22, [38, 38, 39, 39]],
  [22, [36, 36, 36, 37, 37]],
  [26, [43, 43, 43, 43, 44]],
];
/** Where the centres of the alignment patterns stand, by version (Annex E). */
const ALIGNED: readonly (readonly number[])[] = [
  [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50],
];
/** Whether a module is turned, by row and column (Table 10). */
const MASKS: readonly ((y: number, x: number) => boolean)[] = [
  (y, x) => (y + x) % 2 === 0,
  (y) => y % 2 === 0,
  (_, x) => x % 3 === 0,
  (y, x) => (y + x) % 3 === 0,
  (y, x) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
  (y, x) => ((y * x) % 2) + ((y * x) % 3) === 0,
  (y, x) => (((y * x) % 2) + ((y * x) % 3)) % 2 === 0,
  (y, x) => (((y + x) % 2) + ((y * x) % 3)) % 2 === 0,
];
const LEVEL_M = 0b00;

/** Null: the text is too long for a code that a telephone reads off a screen with ease. */
export function qrCode(text: string): Modules | null {
  const bytes = new TextEncoder().encode(text);
  const version = BLOCKS.findIndex(([, blocks], index) => bytes.length <= roomIn(blocks, index + 1)) + 1;
  const found = BLOCKS[version - 1];
  if (found === undefined) return null;
  const [corrections, blocks] = found;
  const bits = interleaved(codewords(bytes, version, sum(blocks)), blocks, corrections);
  const drawn = MASKS.map((_, mask) => drawing(version, bits, mask));
  const penalties = drawn.map(penalty);
  return drawn[penalties.indexOf(Math.min(...penalties))] ?? null;
}

/** Bytes that fit beside the mode and the length. */
function roomIn(blocks: readonly number[], version: number): number {
  return sum(blocks) - (version < 10 ? 2 : 3);
}

function codewords(bytes: Uint8Array, version: number, room: number): number[] {
  const bits: number[] = [];
  const put = (value: number, count: number) => {
    for (let at = count - 1; at >= 0; at--) bits.push((value >> at) & 1);
  };
  put(0b0100, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) put(byte, 8);
  put(0, 4);
  const words = Array.from({ length: bits.length / 8 }, (_, word) =>
    bits.slice(word * 8, word * 8 + 8).reduce((value, bit) => value * 2 + bit, 0),
  );
  for (let pad = 0xec; words.length < room; pad ^= 0xec ^ 0x11) words.push(pad);
  return words;
}

/** The first codeword of each block, then the second of each, …, then their corrections in the same way; as bits. */
function interleaved(words: readonly number[], sizes: readonly number[], corrections: number): number[] {
  let from = 0;
  const blocks = sizes.map((size) => words.slice(from, (from += size)));
  const ends = blocks.map((block) => correctionOf(block, corrections));
  const woven = [blocks, ends].flatMap((of) =>
    Array.from({ length: Math.max(...of.map(({ length }) => length)) }, (_, at) => of.flatMap((block) => block[at] ?? [])),
  );
  return woven.flat().flatMap((word) => Array.from({ length: 8 }, (_, at) => (word >> (7 - at)) & 1));
}

function drawing(version: number, bits: readonly number[], mask: number): boolean[][] {
  const size = 17 + 4 * version;
  const rows: (boolean | undefined)[][] = Array.from({ length: size }, () => new Array<boolean | undefined>(size));
  const set = (y: number, x: number, dark: boolean) => {
    const row = rows[y];
    if (row !== undefined && x >= 0 && x < size) row[x] = dark;
  };
  drawPatterns(size, version, set);
  drawFormat(size, mask, set);
  if (version >= 7) drawVersion(size, version, set);
  fill(rows, bits, MASKS[mask] ?? (() => false));
  return rows.map((row) => Array.from(row, (dark) => dark === true));
}

type Set = (y: number, x: number, dark: boolean) => void;

function drawPatterns(size: number, version: number, set: Set): void {
  for (let at = 8; at < size - 8; at++) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  const square = (y: number, x: number, reach: number, isDark: (ring: number) => boolean) => {
    for (let dy = -reach; dy <= reach; dy++)
      for (let dx = -reach; dx <= reach; dx++) set(y + dy, x + dx, isDark(Math.max(Math.abs(dy), Math.abs(dx))));
  };
  for (const [y, x] of [[3, 3], [3, size - 4], [size - 4, 3]] as const) square(y, x, 4, (ring) => ring !== 2 && ring !== 4);
  const centres = ALIGNED[version - 1] ?? [];
  const last = centres.at(-1);
  for (const y of centres)
    for (const x of centres) {
      const isFinder = (y === 6 && (x === 6 || x === last)) || (y === last && x === 6);
      if (!isFinder) square(y, x, 2, (ring) => ring !== 1);
    }
}

/** Level and mask, twice, with their own correction (Annex C). */
function drawFormat(size: number, mask: number, set: Set): void {
  const value = (LEVEL_M << 3) | mask;
  const bits = ((value << 10) | remainder(value, 10, 0x537)) ^ 0x5412;
  for (let at = 0; at < 15; at++) {
    const dark = ((bits >> at) & 1) === 1;
    if (at < 6) set(at, 8, dark);
    else if (at < 8) set(at + 1, 8, dark);
    else set(size - 15 + at, 8, dark);
    if (at < 8) set(8, size - 1 - at, dark);
    else if (at === 8) set(8, 7, dark);
    else set(8, 14 - at, dark);
  }
  set(size - 8, 8, true);
}

/** The version, twice (Annex D). */
function drawVersion(size: number, version: number, set: Set): void {
  const bits = (version << 12) | remainder(version, 12, 0x1f25);
  for (let at = 0; at < 18; at++) {
    const dark = ((bits >> at) & 1) === 1;
    const [near, far] = [Math.floor(at / 3), size - 11 + (at % 3)];
    set(near, far, dark);
    set(far, near, dark);
  }
}

function remainder(value: number, degree: number, generator: number): number {
  let rest = value;
  for (let at = 0; at < degree; at++) rest = (rest << 1) ^ ((rest >> (degree - 1)) * generator);
  return rest;
}

/** Two columns at a time from the right, up and down in turns, past what stands there already. */
function fill(rows: (boolean | undefined)[][], bits: readonly number[], turns: (y: number, x: number) => boolean): void {
  const size = rows.length;
  let at = 0;
  let isUp = true;
  for (let right = size - 1; right > 0; right -= right === 8 ? 3 : 2, isUp = !isUp)
    for (let step = 0; step < size; step++) {
      const y = isUp ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        const row = rows[y];
        if (row === undefined || row[x] !== undefined) continue;
        row[x] = (bits[at++] === 1) !== turns(y, x);
      }
    }
}

/** How hard it is to read: long runs, squares, what looks like a finder, too much of one colour (7.8.3). */
function penalty(modules: Modules): number {
  const size = modules.length;
  const columns = modules.map((_, x) => modules.map((row) => row[x] === true));
  const lines = [...modules, ...columns].map((line) => line.map((dark) => (dark ? "1" : "0")).join(""));
  let total = 0;
  for (const line of lines) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) total += run.length - 2;
    total += 40 * [...line.matchAll(/(?=10111010000|00001011101)/g)].length;
  }
  for (let y = 1; y < size; y++)
    for (let x = 1; x < size; x++) {
      const dark = modules[y]?.[x];
      if (dark === modules[y - 1]?.[x] && dark === modules[y]?.[x - 1] && dark === modules[y - 1]?.[x - 1]) total += 3;
    }
  const darkShare = modules.flat().filter(Boolean).length / (size * size);
  return total + 10 * Math.floor(Math.abs(darkShare - 0.5) * 20);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
