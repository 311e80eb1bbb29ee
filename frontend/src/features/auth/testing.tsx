/** What the tests of this feature have in common: a guest before a server with everything. */
import { act, cleanup, fireEvent, render, screen } from "@/lib/testing/library";
import type { ComponentType } from "preact";
import { afterEach, beforeEach, vi } from "vitest";

import { session } from "@/lib/api";
import { config } from "@/lib/config";
import { setLanguage } from "@/lib/i18n";
import { navigate } from "@/lib/router";
import { SERVER_CONFIG } from "@/lib/testing/config";

export const GRANT = {
  user: { id: "u-1", username: "alice", email: "alice@example.org", language: "en" },
  access_token: "token-1",
  refresh_token: "",
  expires_in: 900,
};

export function asGuest(): void {
  beforeEach(() => {
    setLanguage("en");
    localStorage.clear();
    config.value = SERVER_CONFIG;
    session.value = { status: "guest" };
  });
  afterEach(() => {
    cleanup();
    vi.useRealTimers();
    window.history.replaceState(null, "", "/");
  });
}

/** Show a page at its address, as the router would. */
export function visit(Page: ComponentType, address: string): void {
  navigate(address);
  render(<Page />);
}

export function fill(label: string, text: string): void {
  fireEvent.input(screen.getByLabelText(label), { target: { value: text } });
}

export function press(name: string): void {
  fireEvent.click(screen.getByRole("button", { name }));
}

/** Send the form there is; happy-dom does not send one for a press of its button. */
export function send(name: string): void {
  const { form } = screen.getByRole<HTMLButtonElement>("button", { name });
  if (form === null) throw new Error(`${name} belongs to no form`);
  fireEvent.submit(form);
}

/** Let so much time go by, under fake timers. */
export async function pass(milliseconds: number): Promise<void> {
  await act(async () => {
    await vi.advanceTimersByTimeAsync(milliseconds);
  });
}

/** Who is signed in, by name; null for nobody. */
export function whoIsHere(): string | null {
  return session.value.status === "signed-in" ? session.value.user.username : null;
}
