import { useSignal } from "@preact/signals";
import { render } from "preact";

import { dictionary } from "@/lib/i18n";

import { copyText } from "../clipboard";
import styles from "./markdown.module.css";

const t = dictionary({
  en: { copy: "Copy", copied: "Copied", failed: "Could not copy", listing: "Code listing" },
  uk: { copy: "Копіювати", copied: "Скопійовано", failed: "Не вдалося", listing: "Лістинг коду" },
});

/** Beyond this many characters colouring would hold the page up for longer than a frame or two. */
const HIGHLIGHT_LIMIT = 20_000;
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
  const text = document.createTextNode(code);
  element.className = styles.listing ?? "";
  header.className = styles.listingHead ?? "";
  pre.tabIndex = 0;
  content.append(text);
  pre.append(content);
  element.append(header, pre);
  const name = languageName(language);
  render(<ListingHead language={name} code={() => text.data} />, header);
  if (whole && name !== "" && code.length <= HIGHLIGHT_LIMIT) void colour(content, code, name);
  return {
    element,
    grow(longer, sameLanguage) {
      if (languageName(sameLanguage) !== name || !longer.startsWith(text.data)) return false;
      text.appendData(longer.slice(text.length));
      return true;
    },
    dispose: () => render(null, header),
  };
}

function ListingHead({ language, code }: { language: string; code: () => string }) {
  const result = useSignal<"copy" | "copied" | "failed">("copy");
  const copy = async (): Promise<void> => {
    result.value = (await copyText(code())) ? "copied" : "failed";
    setTimeout(() => (result.value = "copy"), FEEDBACK_MS);
  };
  return (
    <>
      <span>{language === "" ? t("listing") : language}</span>
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
