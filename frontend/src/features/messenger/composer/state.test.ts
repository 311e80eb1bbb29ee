import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { config } from "@/lib/config";
import { SERVER_CONFIG, SERVER_LIMITS } from "@/lib/testing/config";

import { fakeView } from "../testing/fake";
import type { FakeView } from "../testing/fake";
import { alice, conversation, message } from "../testing/people";
import { MessageActions } from "../timeline/actions";
import { ComposerState } from "./state";

let view: FakeView;
let actions: MessageActions;
let state: ComposerState;
let end: () => void;

function calls(name: string): unknown[][] {
  return view.calls.filter(([called]) => called === name).map(([, ...args]) => args);
}

beforeEach(() => {
  config.value = SERVER_CONFIG;
  view = fakeView(conversation(), [message(1), message(2, { sender: alice, content: "Mine" })]);
  actions = new MessageActions(view, () => undefined);
  state = new ComposerState(view, actions);
  end = state.start();
});

afterEach(() => end());

describe("sending", () => {
  it("sends the blanks that indent a line", async () => {
    state.write("\n    def mend(self):\n        return gold\n\n");
    await state.submit();
    expect(calls("send")).toEqual([[{ content: "    def mend(self):\n        return gold", replyTo: null }]]);
  });

  it("cuts empty lines, empties the field and forgets the draft", async () => {
    state.write(" \nTea?\n");
    await state.submit();
    expect(calls("send")).toEqual([[{ content: "Tea?", replyTo: null }]]);
    expect(state.text.value).toBe("");
    expect(calls("setDraft").at(-1)).toEqual(["", null]);
  });

  it("sends each file as a message of its own, the words and the answer with the first", async () => {
    const [one, two] = [new File(["1"], "one.txt"), new File(["2"], "two.txt")];
    actions.reply(message(1));
    state.write("Look");
    state.addFiles([one, two]);
    await state.submit();
    expect(calls("send")).toEqual([
      [{ content: "Look", replyTo: expect.objectContaining({ id: "m-1" }) as unknown, file: one }],
      [{ content: "", file: two }],
    ]);
    expect(state.files.value).toEqual([]);
    expect(actions.mode.value).toBeNull();
  });

  it("sends pictures that go together as one album, of which nothing else is part", async () => {
    const image = (name: string) => new File(["x"], name, { type: "image/png" });
    const all = [image("a.png"), new File(["x"], "notes.txt", { type: "text/plain" }), image("b.png")];
    state.addFiles(all);
    await state.submit();
    const albums = calls("send").map(([draft]) => (draft as { albumId?: string }).albumId);
    expect(albums[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(albums).toEqual([albums[0], undefined, albums[0]]);

    state.addFiles([image("alone.png")]);
    await state.submit();
    expect(calls("send").at(-1)).toEqual([expect.not.objectContaining({ albumId: expect.anything() as unknown })]);
  });

  it("refuses nothing, white space, and too much", () => {
    expect(state.canSend.value).toBe(false);
    state.write(" \n ");
    expect(state.canSend.value).toBe(false);
    state.write("😀".repeat(SERVER_LIMITS.max_chat_text_chars));
    expect(state.canSend.value).toBe(true);
    state.write("😀".repeat(SERVER_LIMITS.max_chat_text_chars + 1));
    expect(state.canSend.value).toBe(false);
  });

  it("takes no empty file", () => {
    state.addFiles([new File([], "empty.txt")]);
    expect(state.files.value).toEqual([]);
  });
});

describe("editing", () => {
  it("puts the message into the field and what was there aside", async () => {
    state.write("half a thought");
    actions.edit(message(2, { content: "Mine" }));
    expect(state.text.value).toBe("Mine");
    state.write("Mine, better");
    await state.submit();
    expect(calls("edit")).toEqual([["m-2", "Mine, better"]]);
    expect(state.text.value).toBe("half a thought");
    expect(calls("setDraft")).toEqual([["half a thought", null]]);
  });

  it("is let go by Escape", () => {
    actions.edit(message(2, { content: "Mine" }));
    expect(state.cancel()).toBe(true);
    expect(state.text.value).toBe("");
    expect(state.cancel()).toBe(false);
  });
});

describe("drafts", () => {
  it("come back with what they answer", () => {
    end();
    view.draft.value = { content: "Well,", replyToId: "m-1" };
    state = new ComposerState(view, actions);
    end = state.start();
    expect(state.text.value).toBe("Well,");
    expect(actions.mode.value?.message.id).toBe("m-1");
  });

  it("of another device do not overwrite what is being written here", () => {
    state.write("here");
    view.draft.value = { content: "there", replyToId: null };
    expect(state.text.value).toBe("here");
  });
});

describe("typing", () => {
  it("is told with the keys and ends with the words", () => {
    state.write("T");
    state.write("");
    expect(calls("setTyping")).toEqual([[true], [false]]);
  });

  it("is not told while a message is edited", () => {
    actions.edit(message(2, { content: "Mine" }));
    state.write("Mine!");
    expect(calls("setTyping")).toEqual([]);
  });
});
