import { cleanup, fireEvent, render, screen } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { setLanguage } from "@/lib/i18n";

import { Loaded } from "./Loaded";
import type { Loading } from "./Loaded";

const reload = vi.fn();
const more = vi.fn();

function show(from: Partial<Loading<readonly string[]>>) {
  render(
    <Loaded from={{ data: null, trouble: null, reload, ...from }} empty={<p>No fish</p>} failed="The net tore">
      {(fish) => <p>{fish.join(" and ")}</p>}
    </Loaded>,
  );
}

beforeEach(() => {
  setLanguage("en");
  reload.mockReset();
  more.mockReset();
});

afterEach(cleanup);

describe("Loaded", () => {
  it("shows that it is waited for", () => {
    show({});
    expect(screen.getByRole("status", { name: "Loading" })).toBeTruthy();
  });

  it("says what went wrong, and asks again", () => {
    show({ trouble: "It rains." });
    expect(screen.getByRole("alert").textContent).toContain("The net toreIt rains.");
    fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(reload).toHaveBeenCalledOnce();
  });

  it("says when there is nothing", () => {
    show({ data: [] });
    expect(screen.getByText("No fish")).toBeTruthy();
  });

  it("shows what is there, and keeps it under what went wrong later", () => {
    show({ data: ["carp", "pike"], trouble: "It rains." });
    expect(screen.getByText("carp and pike")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Try again" })).toBeTruthy();
  });

  it("leads to the next page, which may fail without the pages before it", () => {
    show({ data: ["carp"], hasMore: true, more, trouble: "It rains." });
    expect(screen.getByText("carp")).toBeTruthy();
    expect(screen.getByRole("alert").textContent).toBe("It rains.");
    fireEvent.click(screen.getByRole("button", { name: "Show more" }));
    expect(more).toHaveBeenCalledOnce();
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
  });
});
