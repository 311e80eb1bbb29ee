/** Made by `scripts/emoji.mjs`: `[emoji, name, other words, group, takes skin tones, short names]` in Unicode's order. */
declare module "virtual:emoji/*" {
  const rows: readonly (readonly [string, string, string, number, 0 | 1, string])[];
  export default rows;
}
