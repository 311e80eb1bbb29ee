import { signal } from "@preact/signals";
import { cleanup, fireEvent, render, screen, waitFor } from "@/lib/testing/library";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { setLanguage } from "@/lib/i18n";

import { MessengerContext } from "../context";
import type { StoryGroup } from "../model";
import { fakeMessenger } from "../testing/fake";
import { alice, bob, charlie, media } from "../testing/people";
import { installPopover } from "@/lib/testing/popover";
import { timeLeft } from "./left";
import { firstUnseen, inOrder, orderGroups, step } from "./order";
import { StoryBar } from "./StoryBar";

const HOUR = 3_600_000;

function group(user: typeof bob, ...seen: boolean[]): StoryGroup {
  return {
    user,
    stories: seen.map((viewed, index) => ({
      id: `s-${user.name}-${index}`,
      user,
      viewed,
      media: media({ id: `f-${user.name}-${index}` }),
      caption: `${user.name} ${index}`,
      created_at: new Date(Date.now() - HOUR).toISOString(),
      expires_at: new Date(Date.now() + 5 * HOUR).toISOString(),
    })),
  };
}

beforeEach(() => {
  setLanguage("en");
  installPopover();
});
afterEach(cleanup);

describe("the order of stories", () => {
  it("begins with mine, then what is new, without what is over", () => {
    const over = group(charlie, false);
    const groups = [group(bob, true), { ...over }, group(alice, true)];
    expect(orderGroups(groups, alice.id).map((one) => one.user.name)).toEqual(["alice", "charlie", "bob"]);
    expect(orderGroups(groups, alice.id, Date.now() + 6 * HOUR)).toEqual([]);
  });

  it("begins a person at the first that was not seen", () => {
    expect(firstUnseen(group(bob, true, false, false))).toBe(1);
    expect(firstUnseen(group(bob, true, true))).toBe(0);
  });

  it("steps through one person and on to the next, and back", () => {
    const groups = [group(bob, true, true), group(charlie, true, false)];
    expect(step(groups, { userId: bob.id, index: 0 }, 1)).toEqual({ userId: bob.id, index: 1 });
    expect(step(groups, { userId: bob.id, index: 1 }, 1)).toEqual({ userId: charlie.id, index: 1 });
    expect(step(groups, { userId: charlie.id, index: 0 }, -1)).toEqual({ userId: bob.id, index: 1 });
    expect(step(groups, { userId: bob.id, index: 0 }, -1)).toBeNull();
    expect(step(groups, { userId: charlie.id, index: 1 }, 1)).toBeNull();
  });

  it("stays while one looks, with newcomers last", () => {
    const groups = [group(charlie, true), group(alice, true), group(bob, true)];
    expect(inOrder(groups, [bob.id, charlie.id]).map((one) => one.user.name)).toEqual(["bob", "charlie", "alice"]);
  });
});

describe("the time left", () => {
  it("is in hours, and in minutes in the last one", () => {
    expect(timeLeft(new Date(5.4 * HOUR).toISOString(), 0)).toBe("5 hours left");
    expect(timeLeft(new Date(HOUR / 2).toISOString(), 0)).toBe("30 minutes left");
    expect(timeLeft(new Date(1).toISOString(), 0)).toBe("1 minute left");
  });
});

describe("the row of stories", () => {
  function show(groups: StoryGroup[]) {
    const viewed = vi.fn();
    const messenger = { ...fakeMessenger(), stories: signal(groups), viewStory: viewed };
    render(
      <MessengerContext.Provider value={messenger}>
        <StoryBar />
      </MessengerContext.Provider>,
    );
    return viewed;
  }

  it("says who has something new, opens there, and tells that it was seen", async () => {
    const viewed = show([group(bob, true, false)]);
    fireEvent.click(screen.getByRole("button", { name: "bob, 2 stories, new" }));
    expect(await screen.findByText("bob 1")).toBeTruthy();
    expect(viewed).toHaveBeenCalledWith("s-bob-1");
    expect(viewed).toHaveBeenCalledTimes(1);
  });

  it("goes by arrows and closes after the last", async () => {
    show([group(bob, false), group(charlie, false)]);
    fireEvent.click(screen.getByRole("button", { name: "bob, 1 story, new" }));
    await screen.findByText("bob 0");
    fireEvent.keyDown(document, { key: "ArrowRight" });
    await screen.findByText("charlie 0");
    fireEvent.keyDown(document, { key: "ArrowLeft" });
    await screen.findByText("bob 0");
    fireEvent.keyDown(document, { key: "ArrowRight" });
    await screen.findByText("charlie 0");
    fireEvent.keyDown(document, { key: "ArrowRight" });
    await waitFor(() => expect(screen.queryByText("charlie 0")).toBeNull());
  });
});
