/** The parts of one user's messenger, as views and rows need them. */
import type { ReadonlySignal } from "@preact/signals";

import type { Conversations } from "./conversations";
import type { Drafts } from "./drafts";
import type { LocalUrls } from "./localUrls";
import type { PresenceBoard } from "./presence";
import type { SendQueue } from "./queue";
import type { Reactions } from "./reactions";
import type { Reading } from "./reading";
import type { ReadMarks } from "./readMarks";
import type { Person } from "./shapes";
import type { TheirTyping } from "./typing";

export interface Parts {
  /** What the last visit left here is known: until then nobody can say that a conversation is not here. */
  restored: Promise<void>;
  /** Follows changes of the profile. */
  me: ReadonlySignal<Person>;
  conversations: Conversations;
  reading: Reading;
  queue: SendQueue;
  drafts: Drafts;
  readMarks: ReadMarks;
  reactions: Reactions;
  typing: TheirTyping;
  presence: PresenceBoard;
  localUrls: LocalUrls;
  tell: (type: string, payload: unknown) => void;
}
