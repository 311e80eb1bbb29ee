import { describe, expect, it } from "vitest";

import { config } from "@/lib/config";
import { SERVER_CONFIG } from "@/lib/testing/config";

import { reduceConversation, reduceMessage } from "./reducer";
import type { ConversationShape, MessengerEvent } from "./shapes";
import { BOB, conversation, ME, newMessage, person } from "./testing/server";

const ROOM = "r";
const here = { conversation_id: ROOM };
const said = (seq: number, fields = {}) => ({ ...newMessage(ROOM, `m${seq}`, seq, `text ${seq}`), ...fields });
const start = (fields: Partial<ConversationShape> = {}) => conversation(ROOM, { last_seq: 5, ...fields });
const after = (event: MessengerEvent, fields: Partial<ConversationShape> = {}, seq: number | null = 6) =>
  reduceConversation(start(fields), event, { me: ME, seq, target: said(4) });

describe("a conversation", () => {
  it("message.new: becomes the last, counts as unread and as a mention", () => {
    const { conversation: c } = after({ type: "message.new", payload: said(6, { mentions: [ME] }) });
    expect([c.last_message?.id, c.last_seq, c.unread_count, c.mention_count]).toEqual(["m6", 6, 1, 1]);
  });

  it("message.new of mine: everything above is read", () => {
    const payload = said(6, { sender: person(ME, "alice") });
    const { conversation: c } = after({ type: "message.new", payload }, { unread_count: 3 });
    expect([c.read_seq, c.unread_count]).toEqual([6, 0]);
  });

  it("message.new of another: they have read everything above", () => {
    const payload = said(6);
    const { conversation: c } = after({ type: "message.new", payload });
    expect(c.participants.find(({ user }) => user.id === payload.sender?.id)?.read_seq).toBe(6);
    expect(c.participants.find(({ user }) => user.id === ME)?.read_seq).toBe(start().participants[0]?.read_seq);
  });

  it.each([{ is_deleted: true }, { message_type: "system" as const, sender: null }])("does not count %o", (fields) => {
    expect(after({ type: "message.new", payload: said(6, fields) }).conversation.unread_count).toBe(0);
  });

  it("an event that is known already changes nothing", () => {
    const before = start({ unread_count: 1 });
    const event: MessengerEvent = { type: "message.new", payload: said(5) };
    expect(reduceConversation(before, event, { me: ME, seq: 5 }).conversation).toBe(before);
  });

  it("message.updated: the last line and the pins follow", () => {
    const payload = said(5, { content: "new", is_pinned: true });
    const pinned = after({ type: "message.updated", payload }, { last_message: said(5) }).conversation;
    expect([pinned.last_message?.content, pinned.pinned_message_ids]).toEqual(["new", ["m5"]]);
    const unpinned = reduceConversation(
      pinned,
      { type: "message.updated", payload: { ...payload, is_pinned: false } },
      { me: ME, seq: 7 },
    );
    expect(unpinned.conversation.pinned_message_ids).toEqual([]);
  });

  const deleted: MessengerEvent = {
    type: "message.deleted",
    payload: { ...here, message_id: "m4", message_seq: 4, deleted_by: BOB },
  };

  it("message.deleted: an unread one is not unread any more, nor pinned, nor shown as the last", () => {
    const { conversation: c } = after(deleted, {
      unread_count: 2,
      pinned_message_ids: ["m4"],
      last_message: said(4),
    });
    expect([c.unread_count, c.pinned_message_ids, c.last_message?.content]).toEqual([1, [], ""]);
  });

  it("message.deleted: a read one changes no count, an unknown one asks for it", () => {
    expect(after(deleted, { unread_count: 1, read_seq: 4 }).conversation.unread_count).toBe(1);
    const unknown = reduceConversation(start({ unread_count: 1 }), deleted, { me: ME, seq: 6 });
    expect(unknown.isUncertain).toBe(true);
  });

  const read = (user_id: string, read_seq: number): MessengerEvent => ({
    type: "message.read",
    payload: { ...here, user_id, message_id: null, read_seq, last_read_at: "2026-01-02T00:00:00Z" },
  });

  it("message.read of another: their mark moves, never back", () => {
    const { conversation: c } = after(read(BOB, 4));
    expect(c.participants[1]?.read_seq).toBe(4);
    const back = reduceConversation(c, read(BOB, 2), { me: ME, seq: 7 }).conversation;
    expect(back.participants[1]?.read_seq).toBe(4);
  });

  it("message.read of mine on another device: nothing is unread, or the server is asked", () => {
    const fields = { unread_count: 2, last_message: said(5) };
    expect(after(read(ME, 5), fields).conversation).toMatchObject({ read_seq: 5, unread_count: 0 });
    expect(after(read(ME, 4), fields)).toMatchObject({ isUncertain: true, conversation: { read_seq: 4 } });
  });

  it("conversation.updated: only what it names", () => {
    const payload = { ...here, name: "Tea", is_muted: true, is_pinned: null };
    const { conversation: c } = after({ type: "conversation.updated", payload }, { is_pinned: true });
    expect([c.name, c.is_muted, c.is_pinned]).toEqual(["Tea", true, true]);
  });

  it("conversation.updated: what the other has read is hidden by a block, and asked for after it", () => {
    const { conversation: read4 } = after(read(BOB, 4));
    const told = (is_blocked: boolean): MessengerEvent => ({
      type: "conversation.updated",
      payload: { ...here, is_blocked },
    });
    const seqs = ({ participants }: ConversationShape) => participants.map(({ read_seq }) => read_seq);
    const blocked = reduceConversation(read4, told(true), { me: ME, seq: null });
    expect([seqs(blocked.conversation), blocked.isUncertain]).toEqual([[seqs(read4)[0], 0], false]);
    const late = reduceConversation(blocked.conversation, read(BOB, 5), { me: ME, seq: 7 }).conversation;
    expect(seqs(late)).toEqual(seqs(blocked.conversation));
    expect(reduceConversation(late, told(false), { me: ME, seq: null }).isUncertain).toBe(true);
  });

  it("conversation.updated: a draft comes and goes, and history is cleared", () => {
    const draft = { content: "d", reply_to_id: null, updated_at: "2026-01-02T00:00:00Z" };
    const drafted = after({ type: "conversation.updated", payload: { ...here, draft } }, {}, null).conversation;
    expect(drafted.draft).toEqual(draft);
    const gone = { ...here, draft: { ...draft, content: "" }, cleared_seq: 5 };
    const before = { draft, last_message: said(5), unread_count: 2 };
    const { conversation: c } = after({ type: "conversation.updated", payload: gone }, before, null);
    expect([c.draft, c.last_message, c.unread_count, c.cleared_seq, c.last_seq]).toEqual([null, null, 0, 5, 5]);
  });

  it("participant.added, .updated and .removed", () => {
    const carol = { ...start().participants[1], user: person("carol", "carol") } as ConversationShape["participants"][0];
    const added = after({
      type: "participant.added",
      payload: { ...here, participants: [carol], participant_count: 3 },
    }).conversation;
    expect([added.participants.length, added.participant_count]).toEqual([3, 3]);
    const mine: MessengerEvent = { type: "participant.updated", payload: { ...here, user_id: ME, role: "admin" } };
    const updated = reduceConversation(added, mine, { me: ME, seq: 7 }).conversation;
    expect([updated.role, updated.participants[0]?.role]).toEqual(["admin", "admin"]);
    const left: MessengerEvent = {
      type: "participant.removed",
      payload: { ...here, user_id: BOB, participant_count: 2 },
    };
    const removed = reduceConversation(updated, left, { me: ME, seq: 8 }).conversation;
    expect(removed.participants.map(({ user }) => user.id)).toEqual([ME, "carol"]);
  });
});

describe("a message", () => {
  const quote = { id: "m1", seq: 1, sender: null, message_type: "text", content: "text 1", is_deleted: false };

  it("is left alone by what is not about it", () => {
    const message = said(2);
    expect(reduceMessage(message, { type: "message.updated", payload: said(3) })).toBe(message);
  });

  it("message.updated: changes, and so do quotations of it", () => {
    const event: MessengerEvent = { type: "message.updated", payload: said(1, { content: "edited" }) };
    expect(reduceMessage(said(1), event).content).toBe("edited");
    expect(reduceMessage(said(2, { reply_to: quote }), event).reply_to?.content).toBe("edited");
  });

  it("message.updated: a quotation of it is cut where the server cuts, by code points", () => {
    config.value = SERVER_CONFIG;
    const event: MessengerEvent = { type: "message.updated", payload: said(1, { content: "😀".repeat(300) }) };
    expect(reduceMessage(said(2, { reply_to: quote }), event).reply_to?.content).toBe("😀".repeat(200));
  });

  it("message.deleted: leaves nothing, in quotations neither", () => {
    const payload = { ...here, message_id: "m1", message_seq: 1, deleted_by: null };
    const event: MessengerEvent = { type: "message.deleted", payload };
    expect(reduceMessage(said(1), event)).toMatchObject({ content: "", media: null, is_deleted: true });
    expect(reduceMessage(said(2, { reply_to: quote }), event).reply_to).toMatchObject({ content: "", is_deleted: true });
  });

  it("reaction.added and .removed: each person once, in the order of time", () => {
    const payload = { ...here, message_id: "m1", user_id: ME, emoji: "🔥" };
    const once = reduceMessage(said(1), { type: "reaction.added", payload });
    const twice = reduceMessage(once, { type: "reaction.added", payload });
    const both = reduceMessage(twice, { type: "reaction.added", payload: { ...payload, user_id: BOB } });
    expect(both.reactions).toEqual([{ emoji: "🔥", user_ids: [ME, BOB] }]);
    const one = reduceMessage(both, { type: "reaction.removed", payload });
    expect(one.reactions).toEqual([{ emoji: "🔥", user_ids: [BOB] }]);
    const none = reduceMessage(one, { type: "reaction.removed", payload: { ...payload, user_id: BOB } });
    expect(none.reactions).toEqual([]);
  });
});
