import { act, cleanup, render, screen, waitFor } from "@/lib/testing/library";
import { signal } from "@preact/signals";
import { afterEach, expect, it, vi } from "vitest";

import { session } from "@/lib/api";
import type { SharedSocket, SocketState } from "@/lib/realtime";

import OverdueBanner from "./OverdueBanner";
import type { Subscription } from "./shapes";

const FINE: Subscription = {
  plan: "premium_starter",
  tier: "premium_starter",
  status: "active",
  current_period_start: null,
  current_period_end: null,
  cancel_at_period_end: false,
  pending_plan: null,
  grace_ends_at: null,
  is_managed: true,
  provider: "demo",
};
interface Here {
  socket: { value: SharedSocket | null } | null;
  load: ReturnType<typeof vi.fn>;
}
const here = vi.hoisted((): Here => ({ socket: null, load: vi.fn() }));

vi.mock("./api", async (original) => ({ ...(await original<object>()), loadSubscription: here.load }));
vi.mock("@/lib/realtime", async (original) => {
  const signals = await import("@preact/signals");
  here.socket = signals.signal<SharedSocket | null>(null);
  return { ...(await original<object>()), currentSocket: here.socket };
});

afterEach(() => {
  cleanup();
  session.value = { status: "starting" };
});

it("tells of what happened between its first look and the socket", async () => {
  session.value = { status: "signed-in", user: { id: "u" } } as typeof session.value;
  here.load.mockResolvedValueOnce(FINE).mockResolvedValueOnce({ ...FINE, status: "past_due" });
  const state = signal<SocketState>({ state: "connecting" });
  render(<OverdueBanner />);
  await waitFor(() => {
    expect(here.load).toHaveBeenCalledTimes(1);
  });
  await act(() => {
    if (here.socket !== null) here.socket.value = { state } as SharedSocket;
  });
  expect(screen.queryByRole("alert")).toBeNull();
  await act(() => {
    state.value = { state: "live" };
  });
  expect(await screen.findByRole("alert")).toBeTruthy();
  expect(here.load).toHaveBeenCalledTimes(2);
});
