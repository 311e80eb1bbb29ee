/** What the palette finds among the chats. */
import type { PaletteEntry } from "@/app/feature";
import { navigate } from "@/lib/router";
import { focusComposer, MODIFIER } from "@/ui";

import { listChats } from "./model/api";
import { chatPath } from "./model/chatPath";
import { startFresh } from "./model/registry";
import { t } from "./words";

const MOST = 6;

export async function find(query: string, signal: AbortSignal): Promise<PaletteEntry[]> {
  const { results } = await listChats({ search: query, archived: false }, signal);
  const chats = results.slice(0, MOST).map((chat): PaletteEntry => ({
    key: `chat/${chat.id}`,
    kind: t("keysTitle"),
    label: chat.title || t("untitled"),
    icon: "chat",
    run: () => navigate(chatPath(chat.id)),
  }));
  const begin: PaletteEntry = {
    key: "chat/new",
    kind: t("keysTitle"),
    label: t("newChat"),
    icon: "plus",
    keys: `${MODIFIER} + Shift + O`,
    run: () => {
      startFresh(false);
      navigate("/app/chat");
      focusComposer();
    },
  };
  return query === "" || t("newChat").toLowerCase().includes(query.toLowerCase()) ? [...chats, begin] : chats;
}
