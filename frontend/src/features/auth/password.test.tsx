/** Getting in by a password: signing in, and registering. */
import { fireEvent, screen, waitFor } from "@/lib/testing/library";
import { describe, expect, it, vi } from "vitest";

import { json, refusal, serve } from "@/lib/testing/serve";

import LoginPage from "./LoginPage";
import RegisterPage from "./RegisterPage";
import { asGuest, fill, GRANT, pass, press, send, visit, whoIsHere } from "./testing";

asGuest();

describe("signing in", () => {
  const LOGIN = "/api/auth/login";

  function enter(email: string, password: string): void {
    fill("E-mail or username", email);
    fill("Password", password);
    send("Sign in");
  }

  it("takes what was typed, without the spaces around the address, and is in", async () => {
    const server = serve({ [`POST ${LOGIN}`]: () => json(GRANT) });
    visit(LoginPage, "/app/login");
    enter(" alice@example.org ", "correct horse 1 ");
    await waitFor(() => expect(whoIsHere()).toBe("alice"));
    expect(await server.bodies(LOGIN)).toEqual([
      { email: "alice@example.org", password: "correct horse 1 ", restore: false },
    ]);
  });

  it("asks the server nothing while a field is empty, and says which", async () => {
    const server = serve({});
    visit(LoginPage, "/app/login");
    enter("", "x");
    await screen.findByText("Fill this in.");
    expect(screen.getByLabelText("E-mail or username").getAttribute("aria-invalid")).toBe("true");
    expect(screen.getByLabelText("Password").getAttribute("aria-invalid")).toBeNull();
    expect(server.seen).toEqual([]);
  });

  it("does not say which of the two was wrong", async () => {
    serve({ [`POST ${LOGIN}`]: () => refusal(401, "unauthenticated") });
    visit(LoginPage, "/app/login");
    enter("alice", "wrong");
    await screen.findByText("The e-mail or the password is wrong.");
    expect(whoIsHere()).toBeNull();
    expect(screen.getByLabelText<HTMLInputElement>("E-mail or username").value).toBe("alice");
  });

  it("counts down while the server takes no more guesses, and sends none", async () => {
    vi.useFakeTimers();
    const server = serve({ [`POST ${LOGIN}`]: () => refusal(429, "locked_out", { retry_after: 90 }) });
    visit(LoginPage, "/app/login");
    enter("alice", "wrong");
    await pass(0);
    expect(screen.getByText("Too many failed attempts. Try again in 1:30.")).toBeTruthy();
    expect(button("Try again in 1:30").disabled).toBe(true);
    await pass(1000);
    send("Try again in 1:29");
    await pass(88_000);
    expect(button("Try again in 0:01").disabled).toBe(true);
    expect(server.count(LOGIN)).toBe(1);
    await pass(1000);
    expect(button("Sign in").disabled).toBe(false);
    send("Sign in");
    await pass(0);
    expect(server.count(LOGIN)).toBe(2);
  });

  it("sends once, however often it is pressed", async () => {
    let answer: (response: Response) => void = () => undefined;
    const server = serve({ [`POST ${LOGIN}`]: () => new Promise((resolve) => (answer = resolve)) });
    visit(LoginPage, "/app/login");
    enter("alice", "right");
    await waitFor(() => expect(server.count(LOGIN)).toBe(1));
    fireEvent.submit(form());
    answer(json(GRANT));
    await waitFor(() => expect(whoIsHere()).toBe("alice"));
    expect(server.count(LOGIN)).toBe(1);
  });

  it("offers to keep an account that is to go, and takes that back only when it is asked to", async () => {
    const goes = { deletion_at: "2026-03-01T00:00:00Z" };
    const server = serve({
      [`POST ${LOGIN}`]: async (request) => {
        const { restore } = (await request.json()) as { restore: boolean };
        return restore ? json(GRANT) : refusal(403, "deletion_scheduled", goes);
      },
    });
    visit(LoginPage, "/app/login");
    enter("alice", "right");
    await screen.findByText(/This account will be deleted on/);
    expect(whoIsHere()).toBeNull();
    press("Keep the account and sign in");
    await waitFor(() => expect(whoIsHere()).toBe("alice"));
    const keep = { email: "alice", password: "right" };
    expect(await server.bodies(LOGIN)).toEqual([
      { ...keep, restore: false },
      { ...keep, restore: true },
    ]);
  });

  it("keeps what was typed when the server cannot be reached", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    visit(LoginPage, "/app/login");
    enter("alice", "right");
    await screen.findByText("The server cannot be reached. Check your connection and try again.");
    expect(screen.getByLabelText<HTMLInputElement>("Password").value).toBe("right");
    expect(button("Sign in").disabled).toBe(false);
  });

  it("keeps where one was going on the way to the other form", () => {
    visit(LoginPage, "/app/login?next=%2Fapp%2Fchat");
    expect(screen.getByRole("link", { name: "Create an account" }).getAttribute("href")).toBe(
      "/app/register?next=%2Fapp%2Fchat",
    );
  });

  function button(name: string): HTMLButtonElement {
    return screen.getByRole("button", { name });
  }

  function form(): HTMLFormElement {
    const found = screen.getByLabelText<HTMLInputElement>("Password").form;
    if (found === null) throw new Error("no form");
    return found;
  }
});

describe("registering", () => {
  const REGISTER = "/api/auth/register";

  function register(username: string, email: string, password: string): void {
    visit(RegisterPage, "/app/register");
    fill("Username", username);
    fill("E-mail", email);
    fill("Password", password);
    send("Create an account");
  }

  it("makes the account and is in", async () => {
    const server = serve({ [`POST ${REGISTER}`]: () => json(GRANT, 201) });
    register("alice", " alice@example.org ", "long enough 1");
    await waitFor(() => expect(whoIsHere()).toBe("alice"));
    expect(await server.bodies(REGISTER)).toEqual([
      { username: "alice", email: "alice@example.org", password: "long enough 1" },
    ]);
  });

  it("says the server's rules before the server has to", async () => {
    const server = serve({});
    register("al", "nonsense", "short1");
    await screen.findByText("3 to 50 characters.");
    screen.getByText("This does not look like an e-mail address.");
    screen.getByText("At least 8 characters.");
    expect(server.seen).toEqual([]);
  });

  it("shows what the server says about a field at that field, until it is changed", async () => {
    const details = { username: ["This name is taken."], password: ["Too common.", "Too near to the name."] };
    serve({ [`POST ${REGISTER}`]: () => refusal(400, "invalid_input", { details }) });
    register("alice", "alice@example.org", "password1");
    const said = await screen.findByText("This name is taken.");
    const name = screen.getByLabelText("Username");
    expect(name.getAttribute("aria-describedby")).toContain(said.closest("[id]")?.id);
    expect(name.getAttribute("aria-invalid")).toBe("true");
    screen.getByText("Too common. Too near to the name.");
    expect(screen.queryByText("That did not work")).toBeNull();
    fill("Username", "alice2");
    await waitFor(() => expect(screen.queryByText("This name is taken.")).toBeNull());
    screen.getByText("Too common. Too near to the name.");
  });

  it("says that a name or an address is taken, but not which", async () => {
    serve({ [`POST ${REGISTER}`]: () => refusal(409, "duplicate") });
    register("alice", "alice@example.org", "long enough 1");
    await screen.findByText("This username or e-mail is taken.");
    expect(whoIsHere()).toBeNull();
  });
});
