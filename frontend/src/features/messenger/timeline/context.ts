/** What all rows of one timeline know. */
import { useMemo, useRef } from "preact/hooks";

import type { ConversationShape, ShownMessage } from "../model";
import type { MessageActions } from "./actions";

/** The name that means every member, when an admin says it. */
export const ALL = "all";

export interface RowContext {
  conversation: ConversationShape;
  me: string | null;
  myUsername: string | null;
  usernames: ReadonlySet<string>;
  /** The same, and `all`: of a message that means everybody. */
  everybody: ReadonlySet<string>;
  /** Names of members by id, for the reactions. */
  names: ReadonlyMap<string, string>;
  actions: MessageActions;
  openMenu: (message: ShownMessage, anchor: Element, what: "menu" | "palette") => void;
  jumpTo: (seq: number) => void;
}

type Given = Omit<RowContext, "usernames" | "everybody" | "names">;

/** The same object until something in it changes, so that rows keep their drawing while the list changes around them. */
export function useRowContext({ conversation, me, myUsername, actions, openMenu, jumpTo }: Given): RowContext {
  const { participants } = conversation;
  const usernames = useMemo(
    () => new Set(participants.flatMap(({ user }) => user.username?.toLowerCase() ?? [])),
    [participants],
  );
  const everybody = useMemo(() => new Set([...usernames, ALL]), [usernames]);
  const names = useMemo(() => new Map(participants.map(({ user }) => [user.id, user.name])), [participants]);
  // These are new at every drawing; the rows are given a way that leads to the latest.
  const latest = useRef({ openMenu, jumpTo });
  latest.current = { openMenu, jumpTo };
  return useMemo(
    () => ({
      conversation,
      me,
      myUsername,
      usernames,
      everybody,
      names,
      actions,
      openMenu: (...menu) => latest.current.openMenu(...menu),
      jumpTo: (seq) => latest.current.jumpTo(seq),
    }),
    [conversation, me, myUsername, usernames, everybody, names, actions],
  );
}
