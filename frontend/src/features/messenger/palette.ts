/** What the palette finds among conversations, people and messages. */
import type { PaletteEntry } from "@/app/feature";
import { limit } from "@/lib/config";
import { navigate } from "@/lib/router";

import { matching } from "./list/filter";
import { messenger } from "./model";
import type { ConversationRow, Person, SearchHit } from "./model";
import { searchMessages, searchUsers } from "./model/api";
import { goToMessage, openConversation, openNewConversation } from "./overlays";
import { t } from "./paletteWords";
import { openSaved, writeTo } from "./saved";

const MOST = 6;

export async function find(query: string, signal: AbortSignal): Promise<PaletteEntry[]> {
  const { rows, archivedRows } = messenger();
  const here = matching([...(rows.value ?? []), ...archivedRows.value], query).slice(0, MOST).map(conversation);
  const isLong = query.length >= limit("min_user_search_chars");
  const [people, messages] = isLong
    ? await Promise.all([searchUsers(query, signal), searchMessages({ q: query }, signal)])
    : [null, null];
  return [
    ...here,
    ...(people?.results ?? []).slice(0, MOST).map(person),
    ...(messages?.results ?? []).slice(0, MOST).map(message),
    ...actions().filter(({ label }) => label.toLowerCase().includes(query.toLowerCase())),
  ];
}

function conversation({ id, conversation: { name, type } }: ConversationRow): PaletteEntry {
  const icon = type === "group" ? "users" : "user";
  return { key: `conversation/${id}`, kind: t("title"), label: name, icon, run: () => openConversation(id) };
}

function person({ id, name, username }: Person): PaletteEntry {
  const detail = username === null ? t("write") : `@${username}`;
  return { key: `person/${id}`, kind: t("people"), label: name, detail, icon: "user", run: () => void writeTo(id) };
}

function message({ message: found, conversation: where }: SearchHit): PaletteEntry {
  const name = where.is_saved ? t("saved") : where.name;
  const icon = "messages";
  const run = () => goToMessage(where.id, found.seq);
  return { key: `message/${found.id}`, kind: t("inMessages"), label: name, detail: found.content, icon, run };
}

function actions(): PaletteEntry[] {
  const open = (start: "people" | "group") => () => {
    navigate("/app/messages");
    openNewConversation(start);
  };
  return [
    { key: "saved", kind: t("actions"), label: t("saved"), detail: t("savedDetail"), icon: "pin", run: openSaved },
    { key: "new", kind: t("actions"), label: t("newConversation"), icon: "plus", run: open("people") },
    { key: "group", kind: t("actions"), label: t("newGroup"), icon: "users", run: open("group") },
  ];
}
