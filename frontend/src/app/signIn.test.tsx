/** The guard: who is nobody is sent to sign in, and afterwards to where they wanted to go. */
import { cleanup, fireEvent, render, screen, waitFor } from "@/lib/testing/library";
import { afterEach, beforeEach, expect, it } from "vitest";

import { installPopover } from "@/lib/testing/popover";
import { session } from "@/lib/api";
import { config } from "@/lib/config";
import { setLanguage } from "@/lib/i18n";
import { navigate, path, query } from "@/lib/router";
import { SERVER_CONFIG } from "@/lib/testing/config";
import { json, serve } from "@/lib/testing/serve";

import { App } from "./App";

const USER = { id: "u", username: "alice", display_name: "", email: "alice@example.org", language: "en", bio: "", has_password: true, telegram: null };

beforeEach(() => {
  installPopover();
  setLanguage("en");
  localStorage.clear();
  config.value = { ...SERVER_CONFIG, modules: ["accounts"] };
  session.value = { status: "guest" };
  serve({ "POST /api/auth/login": () => json({ user: USER, access_token: "a", refresh_token: "", expires_in: 900 }) });
});

afterEach(() => {
  cleanup();
  window.history.replaceState(null, "", "/");
});

async function signIn(): Promise<void> {
  fireEvent.input(await screen.findByLabelText("E-mail or username"), { target: { value: "alice" } });
  const password = screen.getByLabelText<HTMLInputElement>("Password");
  fireEvent.input(password, { target: { value: "right" } });
  if (password.form !== null) fireEvent.submit(password.form);
}

it("leads back to where one wanted to go, with all of its address", async () => {
  navigate("/app/settings?tab=sessions");
  render(<App />);
  await waitFor(() => expect(path.value).toBe("/app/login"));
  expect(query.value.get("next")).toBe("/app/settings?tab=sessions");
  await signIn();
  await waitFor(() => expect(path.value).toBe("/app/settings"));
  expect(query.value.get("tab")).toBe("sessions");
  await screen.findByRole("heading", { name: "Settings" });
});

it("leads home who asked for nothing in particular", async () => {
  navigate("/app");
  render(<App />);
  await signIn();
  await waitFor(() => expect(path.value).toBe("/app/settings"));
});

it.each(["https://evil.example/app", "//evil.example/app", "/admin/", "javascript:alert(1)"])(
  "does not lead to %s",
  async (next) => {
    navigate(`/app/login?next=${encodeURIComponent(next)}`);
    render(<App />);
    await signIn();
    await waitFor(() => expect(path.value).toBe("/app/settings"));
    expect(window.location.host).toBe("localhost:3000");
  },
);

it("shows who is signed in no form to sign in", async () => {
  session.value = { status: "signed-in", user: USER as never, accessToken: "a", expiresAt: Infinity };
  navigate("/app/login");
  render(<App />);
  await waitFor(() => expect(path.value).toBe("/app/settings"));
  expect(screen.queryByLabelText("Password")).toBeNull();
});
