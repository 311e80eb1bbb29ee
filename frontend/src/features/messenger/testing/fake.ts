/** A messenger without a server: what the screens need, in memory, and every call written down. */
import { computed, signal } from "@preact/signals";
import type { Signal } from "@preact/signals";

import type { ConversationRow, ConversationShape, ConversationView, Messenger, ShownMessage } from "../model";
import { alice, conversation, message } from "./people";

const PAGE = 50;

export interface FakeView extends ConversationView {
  messages: Signal<readonly ShownMessage[]>;
  conversation: Signal<ConversationShape | null>;
  gone: Signal<null | "deleted" | "removed" | "left" | "not_found">;
  hasOlder: Signal<boolean>;
  hasNewer: Signal<boolean>;
  loading: Signal<boolean>;
  trouble: Signal<string | null>;
  typing: Signal<readonly string[]>;
  firstUnreadSeq: Signal<number | null>;
  online: Signal<boolean>;
  draft: Signal<{ content: string; replyToId: string | null }>;
  /** Names and arguments of the calls, in order. */
  calls: [string, ...unknown[]][];
}

export interface FakeMessenger extends Messenger {
  connection: Signal<Messenger["connection"]["value"]>;
  rows: Signal<readonly ConversationRow[] | null>;
  archivedRows: Signal<readonly ConversationRow[]>;
  listTrouble: Signal<string | null>;
  views: Map<string, FakeView>;
  calls: [string, ...unknown[]][];
}

/** `history`: everything said, of which the newest page is loaded at first. */
export function fakeView(shape: ConversationShape = conversation(), history: readonly ShownMessage[] = []): FakeView {
  const calls: FakeView["calls"] = [];
  const told = noted(calls);
  const loaded = fakeWindow(history, calls);
  return {
    id: shape.id,
    calls,
    ...loaded,
    ...fakeDeeds(loaded.messages, calls),
    conversation: signal<ConversationShape | null>(shape),
    gone: signal<null | "deleted" | "removed" | "left" | "not_found">(null),
    loading: signal(false),
    trouble: signal<string | null>(null),
    typing: signal<readonly string[]>([]),
    firstUnreadSeq: signal<number | null>(null),
    online: signal(false),
    lastSeen: signal(null),
    draft: signal({ content: "", replyToId: null as string | null }),
    open: () => {
      calls.push(["open"]);
      return () => calls.push(["close"]);
    },
    retry: told("retry"),
    pin: told("pin"),
    forward: told("forward"),
    markRead: (seq) => void calls.push(["markRead", seq]),
    setTyping: (isTyping) => void calls.push(["setTyping", isTyping]),
    setDraft: (content, replyToId) => void calls.push(["setDraft", content, replyToId]),
  };
}

type Window = Pick<FakeView, "messages" | "hasOlder" | "hasNewer" | "loadOlder" | "loadNewer" | "jumpTo">;

/** The part of a history that is loaded, and how more of it comes. */
function fakeWindow(history: readonly ShownMessage[], calls: FakeView["calls"]): Window {
  const messages = signal<readonly ShownMessage[]>(history.slice(-PAGE));
  const hasOlder = signal(history.length > PAGE);
  const hasNewer = signal(false);
  let from = Math.max(0, history.length - PAGE);
  return {
    messages,
    hasOlder,
    hasNewer,
    loadOlder: async () => {
      calls.push(["loadOlder"]);
      await new Promise((done) => setTimeout(done, 150));
      from = Math.max(0, from - PAGE);
      messages.value = [...history.slice(from, history.findIndex((one) => one.key === messages.value[0]?.key)), ...messages.value];
      hasOlder.value = from > 0;
    },
    loadNewer: () => {
      calls.push(["loadNewer"]);
      const next = history.findIndex((one) => one.key === messages.value.at(-1)?.key) + 1;
      messages.value = [...messages.value, ...history.slice(next, next + PAGE)];
      hasNewer.value = next + PAGE < history.length;
      return Promise.resolve();
    },
    jumpTo: (target) => {
      calls.push(["jumpTo", target]);
      if (target === "newest") {
        messages.value = history.slice(-PAGE);
        from = Math.max(0, history.length - PAGE);
        hasOlder.value = from > 0;
        hasNewer.value = false;
        return Promise.resolve(history.at(-1)?.seq ?? null);
      }
      const seq = typeof target === "object" && "seq" in target ? target.seq : (history[0]?.seq ?? 1);
      const index = history.findIndex((one) => (one.seq ?? 0) >= seq);
      if (index < 0) return Promise.resolve(null);
      if (messages.value.some((one) => one.seq === seq)) return Promise.resolve(seq);
      from = Math.max(0, index - PAGE / 2);
      messages.value = history.slice(from, from + PAGE);
      hasOlder.value = from > 0;
      hasNewer.value = from + PAGE < history.length;
      return Promise.resolve(history[index]?.seq ?? null);
    },
  };
}

type Deeds = Pick<FakeView, "lastSent" | "send" | "resend" | "discard" | "edit" | "remove" | "react">;

/** What is done with messages, and shows at once. */
function fakeDeeds(messages: FakeView["messages"], calls: FakeView["calls"]): Deeds {
  const lastSent = signal<string | null>(null);
  let sent = 0;
  const change = (key: string, part: Partial<ShownMessage>) =>
    (messages.value = messages.value.map((one) => (one.key === key || one.id === key ? { ...one, ...part } : one)));
  return {
    lastSent,
    send: (draft) => {
      calls.push(["send", draft]);
      sent += 1;
      const local = message(0, {
        id: `local:${sent}`,
        key: `sent-${sent}`,
        seq: null,
        sender: alice,
        content: draft.content,
        created_at: new Date().toISOString(),
        delivery: { state: "sending" },
      });
      messages.value = [...messages.value, local];
      lastSent.value = local.key;
    },
    resend: (key) => {
      calls.push(["resend", key]);
      change(key, { delivery: { state: "sending" } });
    },
    discard: (key) => {
      calls.push(["discard", key]);
      messages.value = messages.value.filter((one) => one.key !== key);
    },
    edit: (id, content) => {
      calls.push(["edit", id, content]);
      change(id, { content, is_edited: true });
      return Promise.resolve();
    },
    remove: (id) => {
      calls.push(["remove", id]);
      change(id, { is_deleted: true, content: "", media: null, reactions: [] });
      return Promise.resolve();
    },
    react: (id, emoji) => {
      calls.push(["react", id, emoji]);
      change(id, { reactions: [{ emoji, user_ids: [alice.id] }] });
      return Promise.resolve();
    },
  };
}

/** Makes methods that do nothing but be in the list of calls. */
function noted(calls: FakeView["calls"]) {
  return (name: string) =>
    (...args: unknown[]) => {
      calls.push([name, ...args]);
      return Promise.resolve();
    };
}

export function fakeRow(shape: ConversationShape, part: Partial<ConversationRow> = {}): ConversationRow {
  const last = shape.last_message;
  return {
    id: shape.id,
    conversation: shape,
    lastMessage: last === null ? null : { ...message(last.seq), ...last, key: last.id },
    typing: [],
    online: false,
    sending: false,
    ...part,
  };
}

export function fakeMessenger(views: readonly FakeView[] = [], rows: readonly ConversationRow[] = []): FakeMessenger {
  const calls: [string, ...unknown[]][] = [];
  const told = (name: string) => (...args: unknown[]) => {
    calls.push([name, ...args]);
    return Promise.resolve();
  };
  const shown = signal<readonly ConversationRow[] | null>(rows);
  const known = new Map(views.map((view) => [view.id, view]));
  return {
    calls,
    views: known,
    connection: signal<Messenger["connection"]["value"]>({ state: "live" }),
    connectNow: () => void calls.push(["connectNow"]),
    rows: shown,
    archivedRows: signal<readonly ConversationRow[]>([]),
    isUnkept: signal(false),
    listTrouble: signal<string | null>(null),
    unread: computed(() => (shown.value ?? []).reduce((sum, row) => sum + row.conversation.unread_count, 0)),
    conversation: (id) => {
      const view = known.get(id) ?? fakeView(conversation({ id }));
      known.set(id, view);
      return view;
    },
    createDirect: () => Promise.resolve("c-1"),
    createGroup: () => Promise.resolve("c-1"),
    setSettings: told("setSettings"),
    deleteConversation: told("deleteConversation"),
    leave: told("leave"),
    presence: () => signal(null),
    mediaUrl: (id) => signal(`/static/harness/${id}.png`),
    stories: signal([]),
    refreshStories: () => Promise.resolve(),
    viewStory: () => undefined,
  };
}
