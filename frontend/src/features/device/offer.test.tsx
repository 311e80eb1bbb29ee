import { cleanup, fireEvent, render, screen } from "@/lib/testing/library";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { acceptGrant } from "@/lib/api";
import type { User } from "@/lib/api";
import { setLanguage } from "@/lib/i18n";
import { installOffer } from "@/lib/install";
import { publish } from "@/lib/realtime/eventBus";
import type { Frame } from "@/lib/realtime";
import { installPopover } from "@/lib/testing/popover";
import { waiting } from "@/lib/title";
import { toast, ToastRegion, useQuestion } from "@/ui/toast";

import { startBadge } from "./badge";
import { startHints } from "./hints";
import { startOffering } from "./offer";

const granted = vi.hoisted(() => ({ permission: "default", turnOn: vi.fn(() => Promise.resolve(true)) }));
vi.mock("@/lib/notices", () => ({
  permission: () => granted.permission,
  turnOn: granted.turnOn,
  wishes: { peek: () => ({ isOn: false }) },
}));

const OFFER = /Shall Kintsugi tell you/;
const offered = () => screen.queryAllByText(OFFER).length > 0;

function told(type: Frame["type"], payload: unknown): void {
  publish({ type, seq: 1, payload });
}

function sent(part: Record<string, unknown> = {}): void {
  told("message.new", { sender: { id: "alice" }, client_id: "c", created_at: new Date().toISOString(), ...part });
}

installPopover();
startOffering();

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  setLanguage("en");
  granted.permission = "default";
  granted.turnOn.mockClear();
  acceptGrant({ user: { id: "alice" } as User, access_token: "t", expires_in: 900 });
  render(<ToastRegion />);
});

afterEach(async () => {
  await vi.runOnlyPendingTimersAsync();
  vi.useRealTimers();
  cleanup();
  installOffer.value = null;
});

it("offers notices after a message of one's own, and asks the browser only at a press", async () => {
  expect(offered()).toBe(false);
  sent({ sender: { id: "bob" } });
  sent({ client_id: null });
  sent({ created_at: "2026-01-01T00:00:00Z" });
  await vi.advanceTimersByTimeAsync(1);
  expect(offered()).toBe(false);
  sent();
  await vi.advanceTimersByTimeAsync(1);
  expect(offered()).toBe(true);
  expect(granted.turnOn).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("button", { name: "Yes, tell me", hidden: true }));
  expect(granted.turnOn).toHaveBeenCalledTimes(1);
});

it("covers nothing that its person is asked: the offer waits, what answers them does not", async () => {
  const Question = () => {
    useQuestion();
    return null;
  };
  const question = render(<Question />);
  sent();
  toast("Kept");
  await vi.advanceTimersByTimeAsync(1);
  expect([offered(), screen.queryAllByText("Kept").length > 0]).toEqual([false, true]);
  await vi.advanceTimersByTimeAsync(60_000);
  question.unmount();
  await vi.advanceTimersByTimeAsync(1);
  expect(offered()).toBe(true);
  const again = render(<Question />);
  await vi.advanceTimersByTimeAsync(1);
  expect(offered()).toBe(false);
  again.unmount();
  await vi.advanceTimersByTimeAsync(11_000);
  expect(offered()).toBe(true);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(offered()).toBe(false);
});

it("keeps a refusal, also for the next visit, but of this person alone", async () => {
  sent();
  await vi.advanceTimersByTimeAsync(1);
  fireEvent.click(screen.getByRole("button", { name: "Close", hidden: true }));
  await vi.advanceTimersByTimeAsync(1);
  sent();
  await vi.advanceTimersByTimeAsync(1);
  expect(offered()).toBe(false);
  acceptGrant({ user: { id: "bob" } as User, access_token: "t", expires_in: 900 });
  sent({ sender: { id: "bob" } });
  await vi.advanceTimersByTimeAsync(1);
  expect(offered()).toBe(true);
});

it("offers them after an answer that took long, not after a quick one", async () => {
  told("answer.started", { chat_id: "c", message_id: "quick" });
  await vi.advanceTimersByTimeAsync(5_000);
  told("answer.ended", { chat_id: "c", message_id: "quick" });
  told("answer.started", { chat_id: "c", message_id: "slow" });
  await vi.advanceTimersByTimeAsync(19_000);
  expect(offered()).toBe(false);
  await vi.advanceTimersByTimeAsync(1_000);
  told("answer.ended", { chat_id: "c", message_id: "slow" });
  await vi.advanceTimersByTimeAsync(1);
  expect(offered()).toBe(true);
});

it.each(["granted", "denied"] as const)("says nothing where the browser has its answer: %s", async (permission) => {
  granted.permission = permission;
  sent();
  await vi.advanceTimersByTimeAsync(1);
  expect(offered()).toBe(false);
  expect(localStorage.getItem("kintsugi.notices-offer.alice")).toBeNull();
});

it("hints once that the client can be installed", async () => {
  const prompt = vi.fn(() => Promise.resolve({ outcome: "accepted" as const }));
  const hint = () => screen.queryAllByText(/can be installed on this device/).length > 0;
  const offer = () => (installOffer.value = Object.assign(new Event("beforeinstallprompt"), { prompt }));
  startHints();
  offer();
  await vi.advanceTimersByTimeAsync(59_000);
  expect(hint()).toBe(false);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(hint()).toBe(true);
  fireEvent.click(screen.getByRole("button", { name: "Close", hidden: true }));
  expect(prompt).not.toHaveBeenCalled();
  startHints();
  offer();
  await vi.advanceTimersByTimeAsync(61_000);
  expect(hint()).toBe(false);
});

it("puts the number of what waits on the icon, and takes it away", () => {
  const setAppBadge = vi.fn(() => Promise.resolve());
  vi.stubGlobal("navigator", Object.assign(Object.create(navigator) as Navigator, { setAppBadge }));
  waiting.value = 3;
  startBadge();
  waiting.value = 0;
  expect(setAppBadge.mock.calls).toEqual([[3], [0]]);
});
