import { codePoints, GrowingText } from "@/lib/growingText";

/**
 * What a model thought before it wrote, while it arrives. Each piece says where it begins, so the first piece of a new
 * connection, which has all of it again, is no special case.
 */
export class Thoughts extends GrowingText {
  /** `from`: how many code points stand before `delta`; what is here beyond them goes. */
  put(from: number, delta: string): void {
    if (from < this.points) {
      this.content = Array.from(this.content).slice(0, from).join("");
      this.points = from;
    }
    this.content += delta;
    this.points += codePoints(delta);
  }
}

/** The sentence a model is at in its thoughts, without the marks of a heading; empty before the first word. */
export function latestSentence(thoughts: string): string {
  // Only the end is looked at: there may be pages of it.
  const tail = thoughts.slice(-TAIL_CHARS).replaceAll(/[*_#`]+/g, "");
  const sentences = tail.split(/(?<=[.!?…。])\s+|\n+/).map((sentence) => sentence.trim());
  return sentences.findLast((sentence) => sentence !== "") ?? "";
}

const TAIL_CHARS = 600;
