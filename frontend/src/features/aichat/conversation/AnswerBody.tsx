import { useCallback } from "preact/hooks";

import { FramePacer } from "@/lib/framePacer";
import type { MarkdownView } from "@/lib/markdown";
import { classes } from "@/ui";

import type { MessageModel } from "../model/message";
import styles from "./message.module.css";

type View = typeof MarkdownView;

/** Parser, sanitiser and listings are a chunk of their own, fetched with the first answer. */
let loaded: View | null = null;
export async function loadMarkdown(): Promise<View> {
  loaded = (await import("@/lib/markdown")).MarkdownView;
  return loaded;
}

/**
 * The text of an answer. Preact draws the empty box once; what is inside is `MarkdownView`'s, told by signals, so a
 * streamed word reaches its text node without a component being drawn again.
 *
 * Filled as its box comes to the page, before whoever draws the list measures it.
 */
export function AnswerBody({ answer }: { answer: MessageModel }) {
  const fill = useCallback((host: HTMLDivElement | null) => (host === null ? undefined : show(answer, host)), [answer]);
  return <div ref={fill} dir="auto" class={classes(styles.body, styles.answer)} />;
}

function show(answer: MessageModel, host: HTMLElement): () => void {
  if (loaded !== null) return draw(answer, host, new loaded(host));
  let stop = (): void => undefined;
  let here = true;
  if (answer.phase.peek() === "settled") {
    // Readable at once, and about as tall as it will be.
    host.textContent = answer.text.peek();
    host.classList.add(styles.plain ?? "");
  }
  void loadMarkdown().then((View) => {
    if (here) stop = draw(answer, host, new View(host));
  });
  return () => {
    here = false;
    stop();
  };
}

/** What a whole answer may take at once: it is measured with what it has by then. */
const AT_ONCE_MS = 40;

function draw(answer: MessageModel, host: HTMLElement, view: MarkdownView): () => void {
  host.replaceChildren();
  host.classList.remove(styles.plain ?? "");
  const advance = () => view.advance(answer.text.peek(), answer.phase.peek() === "settled");
  const pacer = new FramePacer(() => {
    if (advance()) pacer.request();
  });
  const end = performance.now() + AT_ONCE_MS;
  let more = advance();
  while (more && performance.now() < end) more = advance();
  if (more) pacer.request();
  const request = () => pacer.request();
  const stops = [answer.text.subscribe(request), answer.phase.subscribe(request)];
  return () => {
    for (const stop of stops) stop();
    pacer.cancel();
    view.dispose();
  };
}
