import { cleanup, fireEvent, render, screen, waitFor } from "@/lib/testing/library";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { config } from "@/lib/config";
import { setLanguage } from "@/lib/i18n";
import { SERVER_CONFIG } from "@/lib/testing/config";
import { json, serve } from "@/lib/testing/serve";

import { clearChats } from "../model/chats";
import { conversationFor } from "../model/registry";
import type { Chat } from "../shapes";
import { ChatList } from "./ChatList";

const CHAT: Chat = {
  id: "11111111-1111-4111-8111-111111111111",
  title: "Bowl of gold",
  model: "demo",
  model_end: null,
  system_prompt: "",
  temperature: null,
  effort: null,
  read_everything: false,
  pinned: false,
  archived: false,
  temporary: false,
  active_message_id: null,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
};
const MESSAGE = "22222222-2222-4222-8222-222222222222";
const FOUND: Chat = {
  ...CHAT,
  found: { message_id: MESSAGE, snippet: "Mend it with lacquer", highlights: [[13, 20]], title_highlights: [] },
};
const onHide = vi.fn();

beforeEach(() => {
  setLanguage("en");
  config.value = SERVER_CONFIG;
  clearChats();
  vi.clearAllMocks();
  serve({
    "GET /api/chats?search=&archived=false": () => json({ results: [CHAT], next: null, previous: null }),
    "GET /api/chats?search=lacquer&archived=false": () => json({ results: [FOUND], next: null, previous: null }),
  });
  render(<ChatList currentId={undefined} onNew={vi.fn()} onHide={onHide} />);
});
afterEach(cleanup);

const field = () => screen.getByRole<HTMLInputElement>("searchbox");

async function search(): Promise<HTMLElement> {
  fireEvent.input(field(), { target: { value: "lacquer" } });
  const words = await screen.findByText(/Mend it with/);
  return words.closest("a") as HTMLElement;
}

it("shows where the words stand, lit", async () => {
  const link = await search();
  expect(link.querySelector("mark")?.textContent).toBe("lacquer");
});

it("opens a chat at the message that was found, and gives the room to it", async () => {
  const link = await search();
  fireEvent.click(link);
  expect(conversationFor(CHAT.id).wanted.value).toBe(MESSAGE);
  expect(onHide).toHaveBeenCalled();
});

it("is left by the arrow down into the list, and emptied by Escape, which stops nothing else", async () => {
  const link = await search();
  field().focus();
  fireEvent.keyDown(field(), { key: "ArrowDown" });
  expect(document.activeElement).toBe(link);
  expect(fireEvent.keyDown(field(), { key: "Escape" })).toBe(false);
  await waitFor(() => expect(screen.queryByText(/Mend it with/)).toBeNull());
  expect(field().value).toBe("");
});
