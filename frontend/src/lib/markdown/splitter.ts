import { lexBlocks, type Links, type Token, type Tokens } from "./parse";

/**
 * A block longer than this (in characters) is cut, since an open block is read anew with every frame. Lists are cut
 * between items, where it does not show; a paragraph this long is no longer one anybody could read.
 */
const LONGEST_BLOCK = 5000;

export interface Split {
  /** Blocks, since the last call, that no further text can change. */
  readonly closed: readonly Token[];
  /** What is still being written: one block, or two while the first line of the second is not whole. */
  readonly open: readonly Token[];
}

/**
 * Cuts a growing Markdown text into blocks and reads each finished block once.
 *
 * A block is finished when a later block has begun, and that is certain only when the later one's first line is whole:
 * a lone `#` looks like a heading until `#hashtag` shows that the paragraph before it went on.
 */
export class BlockSplitter {
  private readonly links: Links = {};
  private start = 0;

  /** Whether links are defined apart from their use, perhaps after it; then only the whole text reads right. */
  get hasDefinitions(): boolean {
    return Object.keys(this.links).length > 0;
  }

  /** The text must begin with the text of the previous call. */
  grow(text: string): Split {
    const rest = normalize(text).slice(this.start);
    const blocks = withOffsets(lexBlocks(rest, this.links));
    const last = blocks.at(-1);
    const certain = last !== undefined && rest.includes("\n", last.offset) ? last : blocks.at(-2);
    const edge = certain?.offset ?? 0;
    this.start += edge;
    const closed = blocks.filter((block) => block.offset < edge).map((block) => block.token);
    const open = blocks.filter((block) => block.offset >= edge).map((block) => block.token);
    return this.cutLong(rest.slice(edge), closed, open);
  }

  private cutLong(rest: string, closed: readonly Token[], open: readonly Token[]): Split {
    const [only, second] = open;
    const end = only === undefined || second !== undefined ? 0 : cutWithin(only);
    if (end === 0) return { closed, open };
    this.start += end;
    const head = lexBlocks(rest.slice(0, end), this.links);
    return { closed: [...closed, ...head], open: lexBlocks(rest.slice(end), this.links) };
  }
}

/** Where a block that grew too long may be cut; 0 when it need not or cannot be. */
function cutWithin(token: Token): number {
  const { raw } = token;
  if (raw.length < LONGEST_BLOCK) return 0;
  if (token.type === "paragraph") return Math.max(raw.lastIndexOf(" "), raw.lastIndexOf("\n")) + 1;
  if (!isList(token)) return 0;
  const whole = token.items
    .slice(0, -1)
    .map((item) => item.raw)
    .join("");
  return raw.startsWith(whole) ? whole.length : 0;
}

function isList(token: Token): token is Tokens.List {
  return token.type === "list";
}

/** As the lexer itself does first, so that its lengths and ours agree. */
function normalize(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n|\r/g, "\n") : text;
}

function withOffsets(tokens: readonly Token[]): { token: Token; offset: number }[] {
  let offset = 0;
  const blocks = [];
  for (const token of tokens) {
    if (token.type !== "space") blocks.push({ token, offset });
    offset += token.raw.length;
  }
  return blocks;
}
