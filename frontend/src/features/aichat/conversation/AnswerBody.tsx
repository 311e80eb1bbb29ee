import { useEffect, useRef } from "preact/hooks";

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
  let here = true;
  const draw = async (): Promise<void> => {
    const { MarkdownView } = await loadMarkdown();
    if (!here) return;
    host.replaceChildren();
    host.classList.remove(styles.plain ?? "");
    const view = new MarkdownView(host);
    const pacer = new FramePacer(() => {
      if (view.advance(answer.text.peek(), answer.phase.peek() === "settled")) pacer.request();
    });
    const request = () => pacer.request();
    stops.push(
      stop,
      () => pacer.cancel(),
      () => view.dispose(),
    );
  };
  if (answer.phase.peek() === "settled") {
    // Readable at once, and about as tall as it will be; the browser keeps the place when it changes above the window.
    host.textContent = answer.text.peek();
    host.classList.add(styles.plain ?? "");
    stops.push(whenNear(host.closest("article") ?? host, () => void draw()));
  } else {
    void draw();
  }
  return () => {
    here = false;
    for (const stop of stops) stop();
  };
}
