import { cleanup, fireEvent, render, screen, waitFor } from "@/lib/testing/library";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { acceptGrant, session } from "@/lib/api";
import type { User } from "@/lib/api";
import { config } from "@/lib/config";
import { setLanguage } from "@/lib/i18n";
import { path } from "@/lib/router";
import { SERVER_CONFIG } from "@/lib/testing/config";

import { MessengerContext } from "../context";
import { fakeMessenger, fakeRow, fakeView } from "../testing/fake";
import { alice, bob, charlie, conversation, message } from "../testing/people";
import { installPopover } from "@/lib/testing/popover";
import { ForwardDialog } from "./ForwardDialog";
import InvitePage from "./InvitePage";
import { NewConversationDialog } from "./NewConversationDialog";

const fetched = vi.fn<(url: string, init?: RequestInit) => Promise<Response>>();
const answer = (body: unknown, status = 200) => Promise.resolve(new Response(JSON.stringify(body), { status }));
const page = (results: unknown[]) => ({ results, next: null, previous: null });

beforeEach(() => {
  setLanguage("en");
  config.value = SERVER_CONFIG;
  installPopover();
  vi.clearAllMocks();
  vi.stubGlobal("fetch", fetched);
  fetched.mockImplementation((url) =>
    answer(page(url.includes("/users") ? [charlie] : [{ user: bob, is_online: true, last_seen: null }])),
  );
});
afterEach(cleanup);

describe("a new conversation", () => {
  const onOpened = vi.fn();
  const show = (start: "people" | "group", part: Partial<ReturnType<typeof fakeMessenger>> = {}) =>
    render(
      <MessengerContext.Provider value={{ ...fakeMessenger(), ...part }}>
        <NewConversationDialog start={start} onClose={vi.fn()} onOpened={onOpened} />
      </MessengerContext.Provider>,
    );
  const search = (text: string) => fireEvent.input(screen.getByRole("searchbox"), { target: { value: text } });

  it("offers contacts first, and others from two letters on", async () => {
    show("people");
    expect(await screen.findByRole("button", { name: /bob/ })).toBeTruthy();
    search("c");
    expect(await screen.findByText("One more letter, please.")).toBeTruthy();
    search("ch");
    expect(await screen.findByRole("button", { name: /charlie/ })).toBeTruthy();
    expect(fetched.mock.calls.map(([url]) => url)).toEqual([
      "/api/messenger/contacts?limit=50",
      "/api/messenger/users?search=ch",
    ]);
  });

  it("opens the conversation with whom one presses", async () => {
    const createDirect = vi.fn(() => Promise.resolve("c-9"));
    show("people", { createDirect });
    fireEvent.click(await screen.findByRole("button", { name: /bob/ }));
    await waitFor(() => expect(onOpened).toHaveBeenCalledWith("c-9"));
    expect(createDirect).toHaveBeenCalledWith(bob.id);
  });

  it("makes a group only with a name and somebody in it", async () => {
    const createGroup = vi.fn(() => Promise.resolve("c-g"));
    show("group", { createGroup });
    const create = () => screen.getByRole<HTMLButtonElement>("button", { name: /^Create/ });
    fireEvent.click(await screen.findByRole("button", { name: /bob/, pressed: false }));
    fireEvent.click(create());
    expect(await screen.findByText("Give the group a name.")).toBeTruthy();
    expect(createGroup).not.toHaveBeenCalled();
    fireEvent.input(screen.getByLabelText("Name of the group"), { target: { value: " Tea " } });
    fireEvent.click(create());
    await waitFor(() => expect(createGroup).toHaveBeenCalledWith("Tea", [bob.id], undefined));
    expect(onOpened).toHaveBeenCalledWith("c-g");
  });

  it("takes a chosen one out again by the chip", async () => {
    show("group");
    fireEvent.click(await screen.findByRole("button", { name: /bob/, pressed: false }));
    fireEvent.click(screen.getByRole("button", { name: "Leave bob out" }));
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Create the group" }).disabled).toBe(true);
  });
});

describe("forwarding", () => {
  it("sends to what was chosen, and not to who is blocked", async () => {
    const view = fakeView(conversation());
    const rows = [
      fakeRow(conversation({ id: "c-2", name: "charlie", is_blocked: true })),
      fakeRow(conversation({ id: "c-3", name: "Tea", type: "group" })),
    ];
    const onClose = vi.fn();
    render(
      <MessengerContext.Provider value={fakeMessenger([view], rows)}>
        <ForwardDialog message={message(5)} onClose={onClose} />
      </MessengerContext.Provider>,
    );
    expect(screen.getByRole<HTMLButtonElement>("button", { name: /charlie/ }).disabled).toBe(true);
    fireEvent.click(screen.getByRole("button", { name: /Tea/ }));
    fireEvent.click(screen.getByRole("button", { name: "Forward to 1" }));
    await waitFor(() => expect(onClose).toHaveBeenCalled());
    expect(view.calls).toContainEqual(["forward", "m-5", ["c-3"]]);
  });
});

describe("an invitation", () => {
  const invite = { conversation: { name: "Tea", avatar_url: "", participant_count: 3 }, is_member: false, invited_by: "bob" };

  beforeEach(() => acceptGrant({ access_token: "t", expires_in: 600, user: { ...alice } as unknown as User }));

  it("tells a stranger who invites them to what, and leads back here after signing in", async () => {
    session.value = { status: "guest" };
    fetched.mockImplementation(() => answer(invite));
    render(<InvitePage features={[]} params={{ token: "tok" }} />);
    expect(await screen.findByText(/bob invites you to this group/)).toBeTruthy();
    expect(screen.getByText("Tea")).toBeTruthy();
    const ways = screen.getAllByRole("link").map((link) => link.getAttribute("href"));
    expect(ways).toEqual(["/app/login?next=%2Fapp%2Fjoin%2Ftok", "/app/register?next=%2Fapp%2Fjoin%2Ftok"]);
    expect(screen.queryByRole("button", { name: "Join the group" })).toBeNull();
  });

  it("leads into the group", async () => {
    fetched.mockImplementation((url) => answer(url.endsWith("/join") ? conversation({ id: "c-g" }) : invite));
    render(<InvitePage features={[]} params={{ token: "tok" }} />);
    fireEvent.click(await screen.findByRole("button", { name: "Join the group" }));
    await waitFor(() => expect(path.value).toBe("/app/messages/c-g"));
  });

  it("says that it is over", async () => {
    fetched.mockImplementation(() => answer({ error: "Not found", code: "not_found" }, 404));
    render(<InvitePage features={[]} params={{ token: "tok" }} />);
    expect(await screen.findByText("This invitation is not valid any more")).toBeTruthy();
  });
});
