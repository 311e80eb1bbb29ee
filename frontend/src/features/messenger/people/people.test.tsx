import { cleanup, fireEvent, render, screen } from "@/lib/testing/library";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { setLanguage } from "@/lib/i18n";

import { PersonRow, PresenceDot, presenceText } from ".";

beforeEach(() => setLanguage("en"));
afterEach(cleanup);

describe("presence", () => {
  it("is told in words", () => {
    expect(presenceText({ online: true, lastSeen: "2026-01-01T00:00:00Z" })).toBe("Online");
    expect(presenceText({ online: false, lastSeen: null })).toBe("Offline");
    expect(presenceText({ online: false, lastSeen: new Date().toISOString() })).toBe("last seen just now");
  });

  it("has a mark that speaks where no words do", () => {
    render(<PresenceDot online={false} labelled />);
    expect(screen.getByRole("img", { name: "Offline" })).toBeTruthy();
  });
});

describe("a person's row", () => {
  const bob = { id: "1", name: "bob", username: "bob", avatar_url: "", kind: "agent" } as const;

  it("can be picked, and says so", () => {
    let presses = 0;
    render(<PersonRow person={bob} presence={{ online: true, lastSeen: null }} picked onSelect={() => presses++} />);
    const row = screen.getByRole("button", { pressed: true });
    expect(row.textContent).toContain("bobAgentOnline");
    fireEvent.click(row);
    expect(presses).toBe(1);
  });
});
