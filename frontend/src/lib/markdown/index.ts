export { MarkdownView } from "./MarkdownView";
