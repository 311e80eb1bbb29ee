/**
 * The names of all emoji as modules of their own, `virtual:emoji/<language>`: of Unicode's data (CLDR, by emojibase-data)
 * only what the picker needs, a fifth of it. Each is a chunk that is fetched when somebody looks for an emoji.
 */
import { createRequire } from "node:module";

const PREFIX = "virtual:emoji/";
const read = createRequire(import.meta.url);
/** Parts of other emoji, such as a skin tone. */
const COMPONENT = 2;
const TONES = ["🏻", "🏼", "🏽", "🏾", "🏿"];

export function emojiData() {
  return {
    name: "emoji-data",
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : null),
    load: (id) => (id.startsWith(`\0${PREFIX}`) ? moduleOf(id.slice(PREFIX.length + 1)) : null),
  };
}

function moduleOf(language) {
  return `export default ${JSON.stringify(rows(language))};`;
}

/** `[emoji, name, other words, group, whether it takes skin tones, short names]` in the order of Unicode. */
export function rows(language) {
  const short = language === "en" ? read("emojibase-data/en/shortcodes/github.json") : {};
  return read(`emojibase-data/${language}/compact.json`)
    .filter(({ group }) => group !== undefined && group !== COMPONENT)
    .sort((a, b) => a.order - b.order)
    .map(({ unicode, hexcode, label, tags = [], group, skins }) => [
      qualified(unicode),
      label,
      tags.join(" "),
      group,
      takesTones(unicode, skins) ? 1 : 0,
      [short[hexcode] ?? []].flat().join(" "),
    ]);
}

/** The one form the server keeps an emoji in (`messenger/emoji.py`). */
function qualified(emoji) {
  return emoji.replaceAll("\uFE0F", "").replace(/([\p{Emoji}--\p{Emoji_Presentation}])(?![🏻-🏿])/gv, "$1\uFE0F");
}

/** Whether a tone behind its first sign makes each of its skins. Couples of two tones have none here. */
function takesTones(emoji, skins) {
  const [first = "", ...rest] = emoji.replaceAll("\uFE0F", "");
  const made = TONES.map((tone) => first + tone + rest.join(""));
  const known = new Set((skins ?? []).map(({ unicode }) => unicode.replaceAll("\uFE0F", "")));
  return made.every((one) => known.has(one));
}
