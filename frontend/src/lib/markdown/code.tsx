import { signal, useSignal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { render } from "preact";

import { dictionary } from "@/lib/i18n";

import { copyText } from "../clipboard";
import styles from "./markdown.module.css";

const t = dictionary({
  en: {
    copy: "Copy",
    copied: "Copied",
    failed: "Could not copy",
    listing: "Code listing",
    diagram: "Diagram",
    source: "Source",
    notDrawn: "This diagram cannot be drawn here. This is its source:",
  },
  uk: {
    copy: "Копіювати",
    copied: "Скопійовано",
    failed: "Не вдалося",
    listing: "Лістинг коду",
    diagram: "Діаграма",
    source: "Джерело",
    notDrawn: "Цю діаграму тут не вдається намалювати. Ось її джерело:",
  },
});

/** Beyond this many characters colouring would hold the page up for longer than a frame or two. */
const HIGHLIGHT_LIMIT = 20_000;
/** Characters after which a listing's next line begins a new piece. */
const PIECE_LENGTH = 3000;
const FEEDBACK_MS = 1500;

export interface CodeView {
  readonly element: HTMLElement;
  /** Take the longer text of the same listing; false when it is not a continuation. */
  grow(code: string, language: string): boolean;
  dispose(): void;
}

/** A framed listing with its language and a copy button; coloured once it is whole. */
export function mountCode(code: string, language: string, whole: boolean): CodeView {
  const element = document.createElement("figure");
  const header = document.createElement("figcaption");
  const pre = document.createElement("pre");
  const content = document.createElement("code");
  element.className = styles.listing ?? "";
  header.className = styles.listingHead ?? "";
  pre.tabIndex = 0;
  element.dir = "ltr";
  const text = new PiecedText(content);
  text.append(code);
  pre.append(content);
  element.append(header, pre);
  const name = languageName(language);
  const drawing = signal<Drawing>("none");
  render(<ListingHead language={name} code={() => text.value} drawing={drawing} />, header);
  if (whole && name === "mermaid") void draw(pre, code, drawing);
  else if (whole && name !== "" && code.length <= HIGHLIGHT_LIMIT) void colour(content, code, name);
  return {
    element,
    grow(longer, sameLanguage) {
      if (languageName(sameLanguage) !== name || !longer.startsWith(text.value)) return false;
      text.append(longer.slice(text.value.length));
      return true;
    },
    dispose: () => render(null, header),
  };
}

/** Text in pieces of whole lines, of which only the last one grows. */
class PiecedText {
  value = "";
  private last: Text | null = null;

  constructor(private readonly host: HTMLElement) {}

  append(added: string): void {
    this.value += added;
    let rest = added;
    while (rest !== "") {
      const last = this.last ?? this.begin();
      // The line end stays inside the piece it ends; a block ignores one at its very end.
      const cut =
        last.length + rest.length < PIECE_LENGTH ? -1 : rest.indexOf("\n", Math.max(0, PIECE_LENGTH - last.length));
      const end = cut < 0 ? rest.length : cut + 1;
      last.appendData(rest.slice(0, end));
      rest = rest.slice(end);
      if (cut >= 0) this.last = null;
    }
  }

  private begin(): Text {
    const piece = document.createElement("span");
    piece.className = styles.piece ?? "";
    this.last = document.createTextNode("");
    piece.append(this.last);
    this.host.append(piece);
    return this.last;
  }
}

/** Whether a listing is shown as what it describes. */
type Drawing = "none" | "shown" | "source";

interface ListingHeadProps {
  language: string;
  code: () => string;
  drawing: Signal<Drawing>;
}

function ListingHead({ language, code, drawing }: ListingHeadProps) {
  const result = useSignal<"copy" | "copied" | "failed">("copy");
  const copy = async (): Promise<void> => {
    result.value = (await copyText(code())) ? "copied" : "failed";
    setTimeout(() => (result.value = "copy"), FEEDBACK_MS);
  };
  return (
    <>
      <span>{language === "" ? t("listing") : language}</span>
      {drawing.value !== "none" && (
        <button
          type="button"
          aria-pressed={drawing.value === "source"}
          onClick={() => (drawing.value = drawing.value === "source" ? "shown" : "source")}
        >
          {t("source")}
        </button>
      )}
      <button type="button" onClick={copy} aria-live="polite">
        {t(result.value)}
      </button>
    </>
  );
}

/** The fence's first word: ```` ```ts title="a" ```` is written in ts. */
function languageName(info: string): string {
  return /^[\w+#.-]+/.exec(info)?.[0].toLowerCase() ?? "";
}

/** Put the drawing before the listing, which is there for whoever wants it; or say that there is none. */
async function draw(pre: HTMLElement, source: string, drawing: Signal<Drawing>): Promise<void> {
  const svg = await import("./diagram").then(({ drawDiagram }) => drawDiagram(source)).catch(() => null);
  if (svg === null) {
    const words = document.createElement("p");
    words.className = styles.notDrawn ?? "";
    words.textContent = t("notDrawn");
    pre.before(words);
    return;
  }
  const frame = document.createElement("div");
  frame.className = styles.diagram ?? "";
  frame.tabIndex = 0;
  frame.role = "img";
  frame.ariaLabel = t("diagram");
  frame.append(svg);
  pre.before(frame);
  drawing.value = "shown";
  drawing.subscribe((shown) => {
    frame.hidden = shown === "source";
    pre.hidden = shown === "shown";
  });
}

async function colour(content: HTMLElement, code: string, language: string): Promise<void> {
  const { highlight } = await import("./highlight");
  await idle();
  const fragment = highlight(code, language);
  if (fragment !== null) content.replaceChildren(fragment);
}

function idle(): Promise<void> {
  return new Promise((resolve) => {
    if ("requestIdleCallback" in window) requestIdleCallback(() => resolve(), { timeout: 1000 });
    else setTimeout(resolve, 50);
  });
}
