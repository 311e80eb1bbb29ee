/** A text in messages of at most `most` characters, parted between paragraphs or lines where that can be. */
export function pieces(text: string, most: number): string[] {
  const rest = Array.from(text.trim());
  const found: string[] = [];
  while (rest.length > most) {
    const head = rest.slice(0, most).join("");
    const cut = [head.lastIndexOf("\n\n"), head.lastIndexOf("\n"), head.lastIndexOf(" ")].find((at) => at > head.length / 2);
    const piece = cut === undefined ? head : head.slice(0, cut);
    found.push(piece.trimEnd());
    rest.splice(0, Array.from(piece).length);
    while (rest[0] !== undefined && /\s/.test(rest[0])) rest.shift();
  }
  return rest.length > 0 ? [...found, rest.join("")] : found;
}
