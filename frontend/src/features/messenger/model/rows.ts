/** The list of conversations: what stands in each row, and in which order. */
import { computed } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

import type { ConversationState } from "./conversations";
import type { Parts } from "./parts";
import { named } from "./saved";
import type { ConversationShape, MessageShape } from "./shapes";
import { presentIn, shownEntry, shownMessage } from "./shown";
import type { QueueEntry } from "./storage";
import type { ConversationRow, Presence, ShownMessage } from "./types";

export class Rows {
  readonly active = computed(() => this.sorted((conversation) => !conversation.is_archived));
  readonly archived = computed(() => this.sorted((conversation) => conversation.is_archived));
  readonly unread = computed(() => {
    const counted = this.active.value.filter(({ conversation }) => !conversation.is_muted);
    return counted.reduce((sum, { conversation }) => sum + conversation.unread_count, 0);
  });

  /** One computed row per conversation: an event makes one row anew, not all of them. */
  private readonly rows = new Map<string, ReadonlySignal<ConversationRow | null>>();

  constructor(private readonly parts: Parts) {}

  private sorted(belongs: (conversation: ConversationShape) => boolean): readonly ConversationRow[] {
    const rows = this.parts.conversations.mine.value.flatMap((state) => this.row(state).value ?? []);
    return rows.filter(({ conversation }) => belongs(conversation)).sort(byPlace);
  }

  private row(state: ConversationState): ReadonlySignal<ConversationRow | null> {
    let row = this.rows.get(state.id);
    if (row === undefined) this.rows.set(state.id, (row = computed(() => this.build(state))));
    return row;
  }

  private build({ id, conversation: { value } }: ConversationState): ConversationRow | null {
    const conversation = named(value);
    if (conversation === null) return null;
    const { me, presence, queue, typing } = this.parts;
    const waiting = queue.entries.value.filter((entry) => entry.conversation_id === id);
    const other = presentIn(conversation, me.value.id);
    const theirs = other && presence.of(other.id).value;
    const lastMessage = this.newest(conversation, waiting.at(-1), theirs);
    const writers = typing.in(id).value;
    const members = conversation.participants.filter(({ user }) => writers.includes(user.id) && user.id !== me.value.id);
    return {
      id,
      conversation,
      lastMessage,
      typing: members.map(({ user }) => user.name),
      online: theirs?.online ?? false,
      sending: waiting.some((entry) => entry.failure === null),
    };
  }

  private newest(
    conversation: ConversationShape,
    queued: QueueEntry | undefined,
    theirs: Presence | null,
  ): ShownMessage | null {
    const { me } = this.parts;
    const last: MessageShape | null = conversation.last_message;
    if (queued !== undefined && queued.client_id !== last?.client_id) return shownEntry(queued, me.value, null, null);
    return last && shownMessage(last, conversation, me.value.id, theirs);
  }
}

function byPlace(a: ConversationRow, b: ConversationRow): number {
  const pinned = Number(b.conversation.is_pinned) - Number(a.conversation.is_pinned);
  return pinned !== 0 ? pinned : moment(b) - moment(a);
}

function moment({ conversation, lastMessage }: ConversationRow): number {
  return Date.parse(lastMessage?.created_at ?? conversation.created_at);
}
