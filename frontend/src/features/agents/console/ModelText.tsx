import type { ReadonlySignal } from "@preact/signals";
import { useCallback } from "preact/hooks";

import { FramePacer } from "@/lib/framePacer";

import styles from "./console.module.css";

type Markdown = typeof import("@/lib/markdown");

/** Parser and sanitiser are a chunk of their own, fetched with the first words. */
let loaded: Markdown | null = null;

interface Props {
  text: ReadonlySignal<string>;
  /** Nothing more comes. */
  isWhole: ReadonlySignal<boolean>;
}

/**
 * What a model says: links tell where they lead and images stay text, as its words may be somebody else's. Drawn by
 * `MarkdownView`, told by signals, so that a word which comes reaches its text node and nothing else is drawn again.
 */
export function ModelText({ text, isWhole }: Props) {
  const fill = useCallback((host: HTMLDivElement | null) => (host === null ? undefined : show(host, text, isWhole)), [text, isWhole]);
  return <div ref={fill} dir="auto" class={styles.answer} />;
}

function show(host: HTMLElement, text: Props["text"], isWhole: Props["isWhole"]): () => void {
  if (loaded !== null) return draw(loaded, host, text, isWhole);
  let stop = (): void => undefined;
  let isHere = true;
  // Readable at once.
  host.textContent = text.peek();
  void import("@/lib/markdown").then(
    (markdown) => {
      loaded = markdown;
      if (isHere) stop = draw(markdown, host, text, isWhole);
    },
    () => {
      stop = text.subscribe((value) => (host.textContent = value));
    },
  );
  return () => {
    isHere = false;
    stop();
  };
}

function draw({ MarkdownView, renderGuarded }: Markdown, host: HTMLElement, text: Props["text"], isWhole: Props["isWhole"]): () => void {
  host.replaceChildren();
  const view = new MarkdownView(host, renderGuarded);
  const pacer = new FramePacer(() => {
    if (view.advance(text.peek(), isWhole.peek())) pacer.request();
  });
  const request = () => pacer.request();
  const stops = [text.subscribe(request), isWhole.subscribe(request)];
  return () => {
    for (const stop of stops) stop();
    pacer.cancel();
    view.dispose();
  };
}
