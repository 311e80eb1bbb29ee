export { MarkdownView } from "./MarkdownView";
export { renderGuarded } from "./parse";
