import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { UploadedFile } from "@/lib/api";

import { Conversation } from "../model/conversation";
import { localMessage, MessageModel } from "../model/message";
import { Editor } from "./Editor";

const ASKED = "What is 2 + 2?";

let page: HTMLElement;
let conversation: Conversation;

beforeEach(() => {
  vi.stubGlobal("fetch", () => new Promise(() => undefined));
  page = document.body.appendChild(document.createElement("div"));
  conversation = new Conversation({ onCreated: vi.fn(), onChat: vi.fn(), onAnswered: vi.fn() });
  const message = new MessageModel({ ...localMessage("user", "c", { content: ASKED }), id: "m1" });
  // Not through a testing library, which would run the effects that a browser leaves for later.
  render(<Editor conversation={conversation} message={message} />, page);
});

afterEach(() => {
  render(null, page);
  page.remove();
});

const field = () => page.querySelector("textarea");
const sendButton = () => [...page.querySelectorAll("button")].at(-1);

describe("a question being written anew", () => {
  it("has the cursor behind its last word before anybody can type", () => {
    expect(document.activeElement).toBe(field());
    expect([field()?.selectionStart, field()?.selectionEnd]).toEqual([ASKED.length, ASKED.length]);
  });

  it("is not sent by the Enter that ends a word in Safari", () => {
    const send = vi.spyOn(conversation, "send");
    const press = (code: object) => {
      const event = new KeyboardEvent("keydown", { bubbles: true, key: "Enter", ctrlKey: true });
      field()?.dispatchEvent(Object.assign(event, code));
    };
    press({ keyCode: 229 });
    expect(send).not.toHaveBeenCalled();
    press({ keyCode: 13 });
    expect(send).toHaveBeenCalledOnce();
  });

  it("says how it is sent, and lets its files be changed", () => {
    const file = { id: "f1", name: "bowl.txt", kind: "text", url: "/f1", size: 3 } as unknown as UploadedFile;
    const message = new MessageModel({ ...localMessage("user", "c", { content: ASKED, attachments: [file] }), id: "m2" });
    render(<Editor conversation={conversation} message={message} />, page);
    expect(page.textContent).toContain("Ctrl + Enter sends");
    expect(page.querySelector("input[type=file]")).not.toBeNull();
    const send = vi.spyOn(conversation, "send").mockResolvedValue();
    expect(page.textContent).toContain("bowl.txt");
    void act(() => page.querySelector<HTMLElement>("[aria-label='Remove bowl.txt']")?.click());
    sendButton()?.click();
    expect(send).toHaveBeenCalledWith({ content: ASKED, attachments: [] }, null);
  });

  it("waits with its words while another answer is on its way", async () => {
    expect(sendButton()?.disabled).toBe(false);
    void conversation.send({ content: "Another", attachments: [] });
    await Promise.resolve();
    expect(sendButton()?.disabled).toBe(true);
    expect(field()?.value).toBe(ASKED);
  });
});
