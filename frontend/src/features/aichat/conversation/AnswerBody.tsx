import { useEffect, useRef } from "preact/hooks";

import type { MarkdownView } from "@/lib/markdown";
import { classes } from "@/ui";

import type { MessageModel } from "../model/message";
import { FramePacer } from "./FramePacer";
import styles from "./message.module.css";
import { whenNear } from "./renderQueue";

/** Parser, sanitiser and listings are a chunk of their own, fetched with the first answer. */
const loadMarkdown = () => import("@/lib/markdown");

/**
 * The text of an answer. Preact draws the empty box once; what is inside is `MarkdownView`'s, told by signals, so a
 * streamed word reaches its text node without a component being drawn again.
 */
export function AnswerBody({ answer }: { answer: MessageModel }) {
  const host = useRef<HTMLDivElement>(null);

  useEffect(() => (host.current === null ? undefined : show(answer, host.current)), [answer]);

  return <div ref={host} class={classes(styles.body, styles.answer)} />;
}

function show(answer: MessageModel, host: HTMLElement): () => void {
  const stops: (() => void)[] = [];
  const settled = answer.phase.peek() === "settled";
  if (settled) {
    // Readable at once, and about as tall as it will be; the browser keeps the place when it changes above the window.
    host.textContent = answer.text.peek();
    host.classList.add(styles.plain ?? "");
  }
  let here = true;
  void loadMarkdown().then(({ MarkdownView }) => {
    if (!here) return;
    const begin = () => stops.push(draw(answer, host, new MarkdownView(host)));
    if (settled) stops.push(whenNear(host.closest("article") ?? host, begin));
    else begin();
  });
  return () => {
    here = false;
    for (const stop of stops) stop();
  };
}

function draw(answer: MessageModel, host: HTMLElement, view: MarkdownView): () => void {
  host.replaceChildren();
  host.classList.remove(styles.plain ?? "");
  const advance = () => {
    if (view.advance(answer.text.peek(), answer.phase.peek() === "settled")) pacer.request();
  };
  const pacer = new FramePacer(advance);
  const request = () => pacer.request();
  advance();
  const stops = [answer.text.subscribe(request), answer.phase.subscribe(request)];
  return () => {
    for (const stop of stops) stop();
    pacer.cancel();
    view.dispose();
  };
}
