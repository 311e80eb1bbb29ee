/** The text of the section that is being written, as it is told in passing. */

/** A piece of a section's text. What comes after `reset` begins anew. */
export interface Delta {
  document_id: string;
  section: number;
  text: string;
  /** Where it belongs in the text of this part, in characters; left out: at the end. */
  offset?: number;
}

export interface Live {
  section: number;
  text: string;
}

/**
 * The text after a piece. Pieces may come twice or be lost, as nobody stores them: what is missing is left out, and the
 * stored section takes its place when it is there.
 */
export function heard(live: Live | null, { section, text, offset }: Delta): Live {
  if (live?.section !== section) return { section, text };
  if (offset === undefined || offset > live.text.length) return { section, text: live.text + text };
  return { section, text: live.text.slice(0, offset) + text };
}
