/** What the server really sent (`messenger/tests/test_recorded_frames.py`), taken as the client takes it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { config } from "@/lib/config";
import { Positions } from "@/lib/realtime";
import { isDurable, streamOf } from "@/lib/realtime/frames";
import type { Frame } from "@/lib/realtime/frames";
import { SERVER_CONFIG } from "@/lib/testing/config";
import { json } from "@/lib/testing/serve";

import { Conversations } from "./conversations";
import type { ConversationShape, MessageShape, MessengerEvent, SeenStory } from "./shapes";
import { openStorage } from "./storage";
import { Stories } from "./stories";
import recording from "./testing/recorded.json";

type Rows<T> = Record<string, T | null>;

interface Step {
  deed: string;
  frames: Frame[];
  changed: { conversations: Rows<ConversationShape>; messages: Rows<MessageShape>; stories: Rows<SeenStory> };
}

const { me } = recording;
const STEPS = recording.steps as unknown as Step[];

/** What REST says after each step. */
class Server {
  private readonly rows = {
    conversations: new Map<string, ConversationShape>(),
    messages: new Map<string, MessageShape>(),
    stories: new Map<string, SeenStory>(),
  };

  take({ changed }: Step): void {
    merge(this.rows.conversations, changed.conversations);
    merge(this.rows.messages, changed.messages);
    merge(this.rows.stories, changed.stories);
  }

  get conversations(): ConversationShape[] {
    return [...this.rows.conversations.values()];
  }

  conversation(id: string): ConversationShape {
    const found = this.rows.conversations.get(id);
    if (found === undefined) throw new Error(`The server has no ${id}`);
    return found;
  }

  history(id: string): MessageShape[] {
    const mine = [...this.rows.messages.values()].filter((message) => message.conversation_id === id);
    return mine.sort((a, b) => a.seq - b.seq);
  }

  get stories(): SeenStory[] {
    return [...this.rows.stories.values()];
  }
}

/** A client: the parts of the model that events change, and what it had to ask the server for. */
class Client {
  readonly asked: string[] = [];
  readonly stories = new Stories();
  readonly conversations: Conversations;
  private readonly storage = openStorage(me);

  constructor(server: Server) {
    this.conversations = new Conversations({
      me,
      storage: this.storage,
      positions: new Positions(),
      onEvent: () => undefined,
      onForgotten: () => undefined,
      onDraft: () => undefined,
      onUnknown: (stream) => this.asked.push(`everything of ${stream}`),
      onUncertain: (id) => {
        this.asked.push("the counts");
        const { unread_count, mention_count, participants } = server.conversation(id);
        this.conversations.own(id, { unread_count, mention_count, participants });
      },
    });
  }

  async take({ frames }: Step): Promise<void> {
    for (const frame of frames) {
      if (isDurable(frame)) this.conversations.apply(streamOf(frame, me), frame);
      else this.signalled(frame as unknown as MessengerEvent);
    }
    await Promise.all(this.conversations.mine.value.map(({ timeline }) => timeline.open()));
  }

  history(id: string): readonly MessageShape[] {
    return this.conversations.state(id).timeline.window.value;
  }

  private signalled({ type, payload }: MessengerEvent): void {
    if (type === "message.delta") this.conversations.grow(payload);
    if (type === "story.new") this.stories.add(payload.story);
    if (type === "story.expired") this.stories.remove(payload.story_id);
  }
}

function merge<T>(rows: Map<string, T>, changed: Rows<T>): void {
  for (const [id, row] of Object.entries(changed)) {
    if (row === null) rows.delete(id);
    else rows.set(id, row);
  }
}

/** What only others are asked for, and this client does not keep. */
function told({ id, user, media, caption, created_at, expires_at, viewed }: SeenStory): SeenStory {
  return { id, user, media, caption, created_at, expires_at, viewed };
}

describe("what the server sent brings the client to what the server has", () => {
  const server = new Server();
  const client = new Client(server);

  beforeAll(() => {
    client.stories.groups.value = [];
  });
  beforeEach(() => {
    config.value = SERVER_CONFIG;
    vi.stubGlobal("fetch", (path: string) => {
      const id = path.split("/")[4] ?? "";
      return Promise.resolve(json({ results: server.history(id), has_before: false, has_after: false }));
    });
  });
  afterAll(() => {
    config.value = null;
  });

  it.each(STEPS.map((step) => [step.deed, step] as const))("%s", async (_, step) => {
    server.take(step);
    client.asked.length = 0;
    await client.take(step);
    const mine = client.conversations.mine.value.map(({ conversation }) => conversation.value);
    expect(new Map(mine.map((one) => [one?.id, one]))).toEqual(new Map(server.conversations.map((one) => [one.id, one])));
    for (const { id } of server.conversations) expect(client.history(id)).toEqual(server.history(id));
    const stories = (client.stories.groups.value ?? []).flatMap((group) => group.stories);
    expect(stories).toEqual(server.stories.map(told));
    expect(client.asked).toEqual(ASKED[step.deed] ?? []);
  });
});

/** Where events alone do not say it. */
const ASKED: Record<string, string[]> = {
  "Alice reads the first of three": ["the counts"],
  "It has finished": ["the counts"],
  "Bob relents": ["the counts"],
};
