/**
 * Markdown to safe DOM.
 *
 * The text comes from a model, which may repeat whatever a document or a web page told it to, so it is treated as
 * hostile: raw HTML is shown as text but for a few harmless inline tags, and everything passes an allow list at the end.
 */
import DOMPurify, { type Config } from "dompurify";
import { Lexer, Marked, Parser, Renderer, type Token, type Tokens } from "marked";

import { tokenizer, inDialect } from "./dialect";
import { formulas } from "./formulas";
import { notes } from "./notes";

const marked = new Marked({ gfm: true, breaks: true, async: false });

/** Inline tags without attributes that models do use, for example a line break inside a table cell. */
const HARMLESS_TAG = /^<\/?(?:br|sub|sup|kbd|mark|u|s|b|i|em|strong)\s*\/?>$/i;

marked.use({
  tokenizer,
  renderer: {
    html({ text }) {
      return HARMLESS_TAG.test(text.trim()) ? text : escapeHtml(text);
    },
    /**
     * An image becomes a link. Loading it would tell a stranger's server that, when and from where this answer was
     * read, and its address could carry pieces of the conversation out: the known way to leak a chat by prompt injection.
     */
    image({ href, text }) {
      return `<a href="${escapeHtml(href)}">${escapeHtml(text === "" ? href : text)}</a>`;
    },
    table(token) {
      // Wide tables scroll by themselves, and a keyboard must be able to reach what scrolls.
      return `<div class="table-scroll" tabindex="0">${Renderer.prototype.table.call(this, token)}</div>`;
    },
    checkbox({ checked }) {
      return checked ? "☑ " : "☐ ";
    },
  },
});

marked.use(formulas, notes);

const SAFE: Config = {
  ALLOWED_TAGS: (
    "a b blockquote br code del div em h1 h2 h3 h4 h5 h6 hr i kbd li mark ol p pre s span strong sub sup " +
    "table tbody td th thead tr u ul"
  ).split(" "),
  // No `style` (the page's policy forbids it), no `id` or `name` (they shadow properties of the document).
  ALLOWED_ATTR: ["href", "title", "start", "align", "class", "tabindex"],
  // The pattern below is otherwise asked of every attribute that is not on the library's own list.
  ADD_URI_SAFE_ATTR: ["start", "align", "tabindex"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  RETURN_DOM_FRAGMENT: true,
};

const purifier = DOMPurify();

purifier.addHook("uponSanitizeAttribute", (node, attribute) => {
  // Classes are this renderer's own; any other could dress text up as a piece of the interface.
  if (attribute.attrName !== "class") return;
  const ours = node.nodeName === "CODE" ? /^language-[\w+#.-]+$/ : /^(?:table-scroll|formula)$/;
  attribute.keepAttr = ours.test(attribute.attrValue);
});

/** Each block stands as its own words run; code and its neighbours always from the left. */
const BLOCKS = new Set("P H1 H2 H3 H4 H5 H6 TD TH".split(" "));
/** For what holds blocks the browser does not look into them; and on its side stand bullets, bars and columns. */
const HOLDERS = new Set("UL OL LI BLOCKQUOTE TABLE".split(" "));
const FROM_THE_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

function directionOf(text: string): "rtl" | "ltr" | null {
  const [letter] = /\p{L}/u.exec(text) ?? [];
  return letter === undefined ? null : FROM_THE_RIGHT.test(letter) ? "rtl" : "ltr";
}

purifier.addHook("afterSanitizeAttributes", (node) => {
  if (BLOCKS.has(node.nodeName)) node.setAttribute("dir", "auto");
  const direction = HOLDERS.has(node.nodeName) ? directionOf(node.textContent) : null;
  if (direction !== null) node.setAttribute("dir", direction);
  // Its box is its bullet.
  if (node.nodeName === "LI" && /^\s*[☑☐] /.test(node.textContent)) node.className = "task";
  if (node.nodeName === "PRE" || node.nodeName === "CODE") node.setAttribute("dir", "ltr");
  if (node.nodeName !== "A") return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer nofollow");
});

export type { Token, Tokens };
export type Links = Lexer["tokens"]["links"];

/** The top-level blocks of a text. `links` holds reference definitions known from elsewhere and receives new ones. */
export function lexBlocks(text: string, links: Links): Token[] {
  const lexer = inDialect(new Lexer(marked.defaults));
  lexer.tokens.links = links;
  return lexer.lex(text);
}

export function renderBlock(token: Token): DocumentFragment {
  return sanitize(Parser.parse([token], marked.defaults));
}

/**
 * A block of a text that stands under the influence of others, such as what an agent says after it read a page: a link
 * says where it leads, whatever it is called, and an image stays the text it was written as.
 */
export function renderGuarded(token: Token): DocumentFragment {
  void marked.walkTokens([token], (inner) => {
    if (inner.type === "image") Object.assign(inner, { type: "text", text: inner.raw, tokens: undefined });
  });
  const fragment = renderBlock(token);
  for (const link of fragment.querySelectorAll("a")) {
    const { host, href } = link;
    if (host === "" || isItself(link.textContent, href)) continue;
    link.append(` (${host})`);
  }
  return fragment;
}

function isItself(text: string, href: string): boolean {
  return [href, href.replace(/\/$/, "")].includes(text.trim());
}

export function sanitize(html: string): DocumentFragment {
  return purifier.sanitize(html, SAFE) as unknown as DocumentFragment;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
