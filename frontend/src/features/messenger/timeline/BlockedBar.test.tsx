import { cleanup, fireEvent, render, screen, waitFor } from "@/lib/testing/library";
import { afterEach, beforeEach, expect, it } from "vitest";

import { acceptGrant } from "@/lib/api";
import type { User } from "@/lib/api";
import { setLanguage } from "@/lib/i18n";
import { json, serve } from "@/lib/testing/serve";

import { alice, bob, conversation } from "../testing/people";
import { BlockedBar } from "./BlockedBar";

const BLOCKS = "GET /api/messenger/blocks";
const UNBLOCK = `DELETE /api/messenger/blocks/${bob.id}`;

beforeEach(() => {
  setLanguage("en");
  acceptGrant({ access_token: "t", expires_in: 600, user: { ...alice } as unknown as User });
});
afterEach(cleanup);

const show = () => render(<BlockedBar conversation={conversation({ is_blocked: true })} />);

it("gives whoever blocked the way out where they cannot write", async () => {
  const results = [{ user: bob, created_at: "2026-01-01T00:00:00Z" }];
  const server = serve({
    [BLOCKS]: () => json({ results, next: null, previous: null }),
    [UNBLOCK]: () => new Response(null, { status: 204 }),
  });
  show();
  fireEvent.click(await screen.findByRole("button", { name: "Unblock" }));
  await waitFor(() => expect(server.seen.map(({ method }) => method)).toContain("DELETE"));
  expect(screen.getByText("You have blocked bob.")).toBeTruthy();
});

it("says to the other one no more than that it is so", async () => {
  const server = serve({ [BLOCKS]: () => json({ results: [], next: null, previous: null }) });
  show();
  await waitFor(() => expect(server.seen).toHaveLength(1));
  expect(screen.getByText(/one of you has blocked the other/)).toBeTruthy();
  expect(screen.queryByRole("button")).toBeNull();
});
