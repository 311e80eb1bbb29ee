/**
 * A text that only grows, measured in Unicode code points, as the server counts stream positions.
 * (A JavaScript string counts UTF-16 units, in which an emoji is two.)
 */
export class GrowingText {
  protected content: string;
  protected points: number;

  constructor(content = "") {
    this.content = content;
    this.points = codePoints(content);
  }

  get value(): string {
    return this.content;
  }

  get length(): number {
    return this.points;
  }

  /** Takes what the server has stored when that is further than ours. */
  adopt(content: string): void {
    const points = codePoints(content);
    if (points <= this.points) return;
    this.content = content;
    this.points = points;
  }
}

/** The text of an answer while it arrives. */
export class AnswerText extends GrowingText {
  /**
   * Appends the part of a delta that is not here yet. `end` is the position after the delta.
   * Returns false when text before the delta is missing, so the caller must ask again from `length`.
   */
  append(delta: string, end: number): boolean {
    if (end <= this.points) return true;
    const missing = end - this.points;
    const size = codePoints(delta);
    if (size < missing) return false;
    this.content +=
      size === missing
        ? delta
        : Array.from(delta)
            .slice(size - missing)
            .join("");
    this.points = end;
    return true;
  }
}

export function codePoints(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length - 1; at += 1) {
    const high = text.charCodeAt(at);
    if (high < 0xd800 || high > 0xdbff) continue;
    const low = text.charCodeAt(at + 1);
    if (low >= 0xdc00 && low <= 0xdfff) {
      count -= 1;
      at += 1;
    }
  }
  return count;
}
