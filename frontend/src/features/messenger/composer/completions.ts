/** What the beginning of a name may become: members, everybody, or emoji. */
import type { Page } from "@/lib/api";

import { findEmoji, loadEmoji, toned } from "../emoji/catalogue";
import { habits } from "../emoji/habits";
import type { ConversationShape, ParticipantShape, Person } from "../model";
import { listParticipants } from "../model/api";
import { ALL } from "../timeline/context";
import type { Token } from "./token";
import { t } from "./words";

export interface Completion {
  key: string;
  /** What stands in the text instead. */
  insert: string;
  label: string;
  detail: string;
  person: Person | null;
  emoji: string | null;
}

const MOST = 8;

/** What is known here at once; `more` brings those of a large group, or the emoji. */
export function completionsHere(token: Token, conversation: ConversationShape, me: string | null): Completion[] {
  if (token.kind !== "person" || conversation.type !== "group") return [];
  return people(conversation.participants, token.query, conversation, me);
}

/** Null: there is nothing more than what is known here. Rejects when the line breaks. */
export function moreCompletions(
  token: Token,
  conversation: ConversationShape,
  me: string | null,
  signal: AbortSignal,
): Promise<Completion[]> | null {
  if (token.kind === "emoji") return loadEmoji().then((all) => findEmoji(all, token.query, MOST).map(emojiOption));
  const isWhole = conversation.participant_count <= conversation.participants.length;
  if (isWhole || conversation.type !== "group" || token.query === "") return null;
  return listParticipants(conversation.id, token.query, signal).then(({ results }: Page<ParticipantShape>) =>
    people(results, token.query, conversation, me),
  );
}

/** The emoji of a whole short name, when it is one. */
export async function emojiNamed(name: string): Promise<string | null> {
  const found = (await loadEmoji()).find(({ short }) => short.includes(name));
  return found ? toned(found, habits.peek().tone) : null;
}

function people(
  members: readonly ParticipantShape[],
  query: string,
  conversation: ConversationShape,
  me: string | null,
): Completion[] {
  const wanted = query.toLowerCase();
  const ranked = members.flatMap(({ user }) => {
    const rank = user.id === me || user.username === null ? null : rankOf(user, wanted);
    return rank === null ? [] : [{ user, rank }];
  });
  const found = ranked.sort((a, b) => a.rank - b.rank).slice(0, MOST).map(({ user }) => personOption(user));
  const mayMeanAll = conversation.role === "admin" && (ALL.startsWith(wanted) || t("everybody").toLowerCase().startsWith(wanted));
  return mayMeanAll ? [...found, everybody(conversation)] : found;
}

/** By the beginning of one of the two names, of a word in them, or by anything inside. */
function rankOf({ name, username }: Person, wanted: string): number | null {
  const names = [name, username ?? ""].map((one) => one.toLowerCase());
  if (names.some((one) => one.startsWith(wanted))) return 0;
  if (names.some((one) => one.split(/[\s_-]+/).some((word) => word.startsWith(wanted)))) return 1;
  return names.some((one) => one.includes(wanted)) ? 2 : null;
}

function personOption(person: Person): Completion {
  const handle = `@${person.username ?? ""}`;
  return { key: person.id, insert: `${handle} `, label: person.name, detail: handle, person, emoji: null };
}

function everybody({ participant_count: count }: ConversationShape): Completion {
  const detail = t("everybodyDetail", { count });
  return { key: ALL, insert: `@${ALL} `, label: t("everybody"), detail, person: null, emoji: null };
}

function emojiOption(emoji: Parameters<typeof toned>[0] & { name: string; short: readonly string[] }): Completion {
  const char = toned(emoji, habits.peek().tone);
  const [short] = emoji.short;
  return { key: char, insert: `${char} `, label: emoji.name, detail: short === undefined ? "" : `:${short}:`, person: null, emoji: char };
}
