/** Messages said in one line: below a name in the list, above a reply, in a notification. */
import { plainText } from "@/lib/markdown/small";

import type { MessageShape, Person, SystemNote } from "../model";
import { duration } from "./format";
import { t } from "./words";

/** What of a message its line depends on; a quotation has as much. */
type Sayable = Pick<MessageShape, "content" | "message_type" | "is_deleted"> &
  Partial<Pick<MessageShape, "media" | "system">>;

/** The words in one line, without their marks, or the kind of file with its words. */
export function summary(message: Sayable, me: string | null): string {
  if (message.is_deleted) return t("deleted");
  if (message.message_type === "system") return message.system ? noteText(message.system, me) : message.content;
  const text = plainText(message.content).replace(/\s+/g, " ").trim();
  const kind = kindName(message);
  if (kind === null) return text;
  return text === "" ? kind : `${kind} · ${text}`;
}

/** The same with who said it, where that is not plain: oneself, and everybody in a group. */
export function lastLine(
  message: Sayable & Pick<MessageShape, "sender">,
  { me, isGroup }: { me: string | null; isGroup: boolean },
): string {
  const line = summary(message, me);
  if (message.message_type === "system") return line;
  if (me !== null && message.sender?.id === me) return t("youSaid", { line });
  if (isGroup) return t("theySaid", { name: message.sender?.name ?? t("someone"), line });
  return line;
}

/** What a system message says. */
export function noteText(note: SystemNote, me: string | null): string {
  const isMine = me !== null && note.actor?.id === me;
  const actor = note.actor?.name ?? t("someone");
  const people = enumerate(note.people, me);
  const name = note.name;
  switch (note.action) {
    case "created":
      return isMine ? t("youCreated", { name }) : t("created", { actor, name });
    case "renamed":
      return isMine ? t("youRenamed", { name }) : t("renamed", { actor, name });
    case "avatar_changed":
      return isMine ? t("youAvatar_changed") : t("avatar_changed", { actor });
    case "added":
      return isMine ? t("youAdded", { people }) : t("added", { actor, people });
    case "joined":
      return isMine ? t("youJoined") : t("joined", { actor });
    case "removed":
      return isMine ? t("youRemoved", { people }) : t("removed", { actor, people });
    case "left":
      return isMine ? t("youLeft") : t("left", { actor });
    case "promoted":
      return t("promoted", { people: capitalised(people) });
    case "demoted":
      return t("demoted", { people: capitalised(people) });
    case "call_missed":
      return isMine ? t("youCall_missed") : t("call_missed", { actor });
    case "call_started":
      return callStarted(note, actor, isMine);
    case "call_ended":
      return t(note.call_type === "video" ? "call_ended_video" : "call_ended", { time: duration(note.seconds ?? 0) });
    case "agents_stopped":
      return isMine ? t("youAgents_stopped") : t("agents_stopped", { actor });
    case "agents_resumed":
      return isMine ? t("youAgents_resumed") : t("agents_resumed", { actor });
    case "agents_wait":
      return t("agents_wait", { people });
  }
}

function callStarted(note: SystemNote, actor: string, isMine: boolean): string {
  if (note.call_type === "video") return isMine ? t("youCall_started_video") : t("call_started_video", { actor });
  return isMine ? t("youCall_started") : t("call_started", { actor });
}

/** What kind of file a message carries, or null for plain words. */
export function kindName(message: Sayable): string | null {
  switch (message.message_type) {
    case "image":
      return t("image");
    case "video":
      return t("video");
    case "audio":
      return isVoice(message.media) ? t("voice") : t("audio");
    case "file":
      return message.media?.name ?? t("file");
    default:
      return null;
  }
}

/** The recorder names its files this way; what somebody attaches keeps its own name. */
export function isVoice(media: MessageShape["media"] | undefined): boolean {
  return media?.kind === "audio" && /^voice[-_.]/i.test(media.name);
}

function enumerate(people: readonly Person[], me: string | null): string {
  const names = people.map((person) => (person.id === me ? t("youInside") : person.name));
  const last = names.pop();
  if (last === undefined) return t("someone");
  return names.length === 0 ? last : t("and", { list: names.join(", "), last });
}

function capitalised(text: string): string {
  return text === t("youInside") ? t("you") : text;
}
