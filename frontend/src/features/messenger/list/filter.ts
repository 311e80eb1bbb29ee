import type { ConversationRow } from "../model";

/** Rows whose name, or one of whose people's, has every word of the query at the beginning of a word of its own. */
export function matching(rows: readonly ConversationRow[], query: string): ConversationRow[] {
  const wanted = wordsOf(query);
  return rows.filter(({ conversation }) => {
    const people = conversation.participants.map(({ user }) => `${user.name} ${user.username ?? ""}`);
    const words = wordsOf(`${conversation.name} ${people.join(" ")}`);
    return wanted.every((part) => words.some((word) => word.startsWith(part)));
  });
}

function wordsOf(text: string): string[] {
  return text.toLocaleLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
}
