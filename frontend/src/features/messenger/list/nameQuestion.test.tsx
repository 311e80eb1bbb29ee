import { cleanup, fireEvent, render, screen, waitFor } from "@/lib/testing/library";
import { afterEach, beforeEach, expect, it } from "vitest";

import { acceptGrant, currentUser } from "@/lib/api";
import type { User } from "@/lib/api";
import { setLanguage } from "@/lib/i18n";
import { json, refusal, serve } from "@/lib/testing/serve";

import { NameQuestion } from "./FirstDay";

/** An account made by a mailed link has no user name. */
const nameless = { id: "n-1", username: null, display_name: "", email: "n@example.org" } as unknown as User;
const question = () => screen.queryByRole("form", { name: "What may people call you?" });

function visit(user: User = nameless): void {
  cleanup();
  acceptGrant({ access_token: "t", expires_in: 600, user });
  render(<NameQuestion />);
}

function answer(username: string): void {
  fireEvent.input(screen.getByLabelText("Username"), { target: { value: username } });
  fireEvent.click(screen.getByRole("button", { name: "Keep it" }));
}

beforeEach(() => {
  localStorage.clear();
  setLanguage("en");
});

afterEach(cleanup);

it("keeps the name that is given, and asks no more", async () => {
  const { bodies } = serve({ "PATCH /api/auth/me": () => json({ user: { ...nameless, username: "olena" } }) });
  visit();
  answer("olena");
  await waitFor(() => expect(question()).toBeNull());
  expect(await bodies("/api/auth/me")).toEqual([{ username: "olena" }]);
  expect(currentUser.value?.username).toBe("olena");
});

it("says what is wrong with a name before it asks the server, and what the server says of one that is taken", async () => {
  const taken = refusal(409, "duplicate", { details: { username: ["This name is taken."] } });
  const { seen } = serve({ "PATCH /api/auth/me": () => taken });
  visit();
  answer("a b");
  await waitFor(() => expect(screen.getByLabelText("Username").getAttribute("aria-invalid")).toBe("true"));
  expect(seen).toHaveLength(0);
  answer("olena");
  expect(await screen.findByText("This name is taken.")).toBeTruthy();
  expect(question()).not.toBeNull();
});

it("is refused once for this browser, and by this person alone", async () => {
  visit();
  fireEvent.click(screen.getByRole("button", { name: "Not now" }));
  await waitFor(() => expect(question()).toBeNull());
  visit();
  expect(question()).toBeNull();
  visit({ ...nameless, id: "n-2" });
  expect(question()).not.toBeNull();
});

it("is not put to somebody who has a name", () => {
  visit({ ...nameless, username: "olena" });
  expect(question()).toBeNull();
});
