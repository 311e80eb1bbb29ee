/**
 * Where an address begins and ends in running text. The server's reader (`messenger/text.py`) follows the same rule, by
 * the same table of cases (`messenger/tests/grammar.json`): what is a link on the screen is what is previewed.
 */

/** Not inside a word, nor in what follows an @. */
export const ADDRESS_START = "(?<![A-Za-z0-9])https?:\\/\\/|(?<![A-Za-z0-9@._/-])www\\.";

/** No address holds these: blanks, brackets of markup, quotation marks, and the punctuation of languages without blanks. */
const NEVER = /[\s\p{Cc}<>"`|«»‹›“”„‟‘’‚\u3000-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]/u;
/** Letters of languages without blanks between words. */
const UNSPACED =
  /[\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u30ff\u3105-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\u{20000}-\u{3ffff}]/u;
const PAIRS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
/** At the end these belong to the sentence. */
const SENTENCE_END = /[.,;:!?…*_~'([{]/;
/** A scheme and a host, or a host of at least two names. */
const WHOLE = /^https?:\/\/(?:[^/?#]*@)?(?:\[[^/?#]*:|[^/?#]*[\p{L}\p{N}])|^www\.[\p{L}\p{N}-]+\.[\p{L}\p{N}]/iu;

/** The address a text begins with, as it is written; empty when it begins with none. */
export function addressAt(text: string): string {
  let end = 0;
  let isAscii = true;
  const open: string[] = [];
  for (const character of text) {
    if (NEVER.test(character)) break;
    const opener = PAIRS[character];
    if (opener !== undefined && open.pop() !== opener) break;
    if ("([{".includes(character)) open.push(character);
    // A word right behind an ASCII letter is the sentence's; behind a slash or an equals sign it is a part of the address.
    if (isAscii && UNSPACED.test(character)) {
      if (/[A-Za-z0-9]/.test(text.charAt(end - 1))) break;
      isAscii = false;
    }
    end += character.length;
  }
  while (end > 0 && SENTENCE_END.test(text.charAt(end - 1))) end -= 1;
  const found = text.slice(0, end);
  return WHOLE.test(found) ? found : "";
}

/** Where an address leads: one without a scheme is looked for over HTTPS. */
export function hrefOf(address: string): string {
  return /^https?:/i.test(address) ? address : `https://${address}`;
}
