/** TeX to MathML, which browsers draw by themselves; fetched with the first formula. */
import DOMPurify from "dompurify";
import temml from "temml";

const purifier = DOMPurify();

/** The drawing, or null for what is no TeX. What a formula says of addresses and looks is left out, as everywhere in an answer. */
export function toMathml(tex: string, displayMode: boolean): DocumentFragment | null {
  let mathml: string;
  try {
    // No macros from one formula to the next, and none that call themselves without end.
    mathml = temml.renderToString(tex, { displayMode, throwOnError: true, trust: false, maxExpand: 500, maxSize: [20, 500] });
  } catch {
    return null;
  }
  // Before it is parsed: the page's policy complains of styles in markup even where they have no effect.
  return purifier.sanitize(mathml.replace(/ style="[^"]*"/g, ""), {
    USE_PROFILES: { mathMl: true },
    FORBID_ATTR: ["style", "href", "id", "name", "src"],
    FORBID_TAGS: ["annotation", "annotation-xml", "maction", "a"],
    ALLOW_DATA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}
