/** Reed–Solomon over the field of 256, with the polynomial x⁸ + x⁴ + x³ + x² + 1. */
const LOG = new Map<number, number>();
const POWER: number[] = [];
for (let at = 0, value = 1; at < 255; at++) {
  POWER.push(value);
  LOG.set(value, at);
  value = value < 128 ? value * 2 : (value * 2) ^ 0x11d;
}

/** What is left of `block` after division by the generator of `count` roots: its codewords of correction. */
export function correctionOf(block: readonly number[], count: number): number[] {
  const generator = generatorOf(count);
  const rest = [...block, ...new Array<number>(count).fill(0)];
  for (let at = 0; at < block.length; at++) {
    const factor = rest[at] ?? 0;
    generator.forEach((coefficient, place) => (rest[at + place] = (rest[at + place] ?? 0) ^ times(coefficient, factor)));
  }
  return rest.slice(block.length);
}

/** The product of (x − 2ⁿ) for n from 0; the highest power first. */
function generatorOf(count: number): number[] {
  let polynomial = [1];
  for (let root = 0; root < count; root++) {
    const shifted = [0, ...polynomial.map((coefficient) => times(coefficient, POWER[root] ?? 0))];
    polynomial = shifted.map((value, at) => value ^ (polynomial[at] ?? 0));
  }
  return polynomial;
}

function times(one: number, other: number): number {
  const [a, b] = [LOG.get(one), LOG.get(other)];
  return a === undefined || b === undefined ? 0 : (POWER[(a + b) % 255] ?? 0);
}
