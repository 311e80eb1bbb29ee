import { cleanup, render, screen } from "@/lib/testing/library";
import { afterEach, beforeEach, expect, it } from "vitest";

import type { Feature } from "@/app/feature";
import { session } from "@/lib/api";
import type { User } from "@/lib/api";
import { setLanguage } from "@/lib/i18n";

import SettingsPage from "./SettingsPage";

const gallery: Feature = {
  name: "gallery",
  module: "gallery",
  routes: [],
  settings: [
    {
      id: "frames",
      label: () => "Frames",
      order: 50,
      load: () => Promise.resolve({ default: () => <p>Golden frames</p> }),
    },
  ],
};

/** The tabs need somebody, whoever it is. */
const user = { id: "u-1", username: "alice", display_name: "" } as unknown as User;

beforeEach(() => {
  setLanguage("en");
  session.value = { status: "signed-in", user, accessToken: "a", expiresAt: Date.now() + 10_000_000 };
});

afterEach(cleanup);

it("shows what another feature brings, in its place among the account's own", async () => {
  render(<SettingsPage params={{ section: "frames" }} features={[gallery]} />);
  expect(await screen.findByText("Golden frames")).toBeTruthy();
  const tabs = screen.getAllByRole("link").map((link) => [link.textContent, link.getAttribute("aria-current")]);
  expect(tabs.slice(3)).toEqual([
    ["Password", null],
    ["Frames", "page"],
    ["Look", null],
    ["Your data", null],
  ]);
});

it("knows nothing of a feature this server lacks", () => {
  render(<SettingsPage params={{ section: "frames" }} features={[]} />);
  expect(screen.queryByRole("link", { name: "Frames" })).toBeNull();
});
