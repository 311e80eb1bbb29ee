/**
 * Markdown on the page, while it is written and after.
 *
 * This is deliberately not a component: while an answer streams it runs once per frame, touches the last block only and
 * leaves every finished block's DOM alone, so the cost of a frame does not grow with the answer or with the chat.
 */
import { mountCode, type CodeView } from "./code";
import { typeset } from "./formulas";
import { renderBlock, type Token, type Tokens } from "./parse";
import styles from "./markdown.module.css";
import { BlockSplitter } from "./splitter";

const SLICE_MS = 6;
/** Characters: a paragraph or so, which costs about a millisecond. */
const SLICE_LENGTH = 400;

export class MarkdownView {
  private splitter = new BlockSplitter();
  private openNodes: ChildNode[] = [];
  private openCode: CodeView | null = null;
  private codes: CodeView[] = [];
  private shown = "";
  /** The last block was closed for good; a text that goes on after all is drawn anew. */
  private finished = false;

  /** `render`: `renderGuarded` for what may have been put into a model's mouth. */
  constructor(
    private readonly host: HTMLElement,
    private readonly render: (token: Token) => DocumentFragment = renderBlock,
  ) {
    host.classList.add(styles.view ?? "");
  }

  /**
   * Go on towards a text for a few milliseconds. Answers whether more is left, so that a long text, or a burst after a
   * pause, spreads over frames instead of holding up one.
   */
  advance(text: string, whole: boolean): boolean {
    const end = performance.now() + SLICE_MS;
    if (this.finished && text === this.shown) return false;
    if (this.finished || !text.startsWith(this.shown)) this.clear();
    while (this.shown.length < text.length) {
      if (performance.now() > end) return true;
      this.stream(text.slice(0, sliceEnd(text, this.shown.length + SLICE_LENGTH)));
    }
    if (whole) this.finish(text);
    return false;
  }

  /** Show a text that may go on. Costs what the open block costs when `text` continues the one shown before. */
  stream(text: string): void {
    if (this.finished || !text.startsWith(this.shown)) this.clear();
    this.shown = text;
    const { closed, open } = this.splitter.grow(text);
    if (closed.length === 0 && this.growOpenCode(open)) return;
    this.removeOpen();
    for (const token of closed) this.appendClosed(token);
    for (const token of open) this.appendOpen(token);
  }

  /** Show a text that is whole. */
  finish(text: string): void {
    if (this.finished && text === this.shown) return;
    if (this.finished || !text.startsWith(this.shown) || this.splitter.hasDefinitions) this.clear();
    const { closed, open } = this.splitter.grow(text);
    this.removeOpen();
    for (const token of [...closed, ...open]) this.appendClosed(token);
    this.shown = text;
    this.finished = true;
  }

  /** Let go of what the page cannot collect by itself. */
  dispose(): void {
    this.clear();
  }

  private clear(): void {
    for (const code of this.codes) code.dispose();
    this.codes = [];
    this.openCode?.dispose();
    this.openCode = null;
    this.openNodes = [];
    this.host.replaceChildren();
    this.splitter = new BlockSplitter();
    this.shown = "";
    this.finished = false;
  }

  private appendClosed(token: Token): void {
    if (isCode(token)) {
      this.codes.push(this.appendCode(token, true));
      return;
    }
    const fragment = this.render(token);
    for (const block of fragment.querySelectorAll("pre")) this.replaceNestedCode(block);
    typeset(fragment);
    this.host.append(fragment);
  }

  private appendOpen(token: Token): void {
    if (isCode(token)) {
      this.openCode = this.appendCode(token, false);
      return;
    }
    const fragment = this.render(token);
    typeset(fragment);
    this.openNodes.push(...fragment.childNodes);
    this.host.append(fragment);
  }

  private appendCode(token: Tokens.Code, closed: boolean): CodeView {
    const code = mountCode(token.text, token.lang ?? "", closed);
    this.host.append(code.element);
    return code;
  }

  /** The common case inside a long listing: add the new characters to its text node. */
  private growOpenCode(open: readonly Token[]): boolean {
    const [only, second] = open;
    if (this.openCode === null || this.openNodes.length > 0 || only === undefined || second !== undefined) return false;
    return isCode(only) && this.openCode.grow(only.text, only.lang ?? "");
  }

  private removeOpen(): void {
    for (const node of this.openNodes) node.remove();
    this.openNodes = [];
    this.openCode?.dispose();
    this.openCode?.element.remove();
    this.openCode = null;
  }

  /** A listing inside a list or a quote gets the same frame as one that stands alone. */
  private replaceNestedCode(block: HTMLPreElement): void {
    const language = /^language-(.+)$/.exec(block.querySelector("code")?.className ?? "")?.[1] ?? "";
    const code = mountCode(block.textContent.replace(/\n$/, ""), language, true);
    this.codes.push(code);
    block.replaceWith(code.element);
  }
}

function isCode(token: Token): token is Tokens.Code {
  return token.type === "code";
}

/** Not between the two halves of a character. */
function sliceEnd(text: string, end: number): number {
  const code = text.charCodeAt(end - 1);
  return code >= 0xd800 && code <= 0xdbff ? end + 1 : end;
}
