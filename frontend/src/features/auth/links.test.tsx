/** Links by mail: asking for one, and what a press on one does. */
import { screen, waitFor } from "@/lib/testing/library";
import { describe, expect, it, vi } from "vitest";

import { session } from "@/lib/api";
import { path, query } from "@/lib/router";
import { json, refusal, serve } from "@/lib/testing/serve";

import EmailPage from "./EmailPage";
import ForgotPage from "./ForgotPage";
import MagicPage from "./MagicPage";
import ResetPage from "./ResetPage";
import { asGuest, fill, GRANT, pass, press, send, visit, whoIsHere } from "./testing";
import VerifyPage from "./VerifyPage";

asGuest();

const accepted = () => new Response(null, { status: 202 });

describe.each([
  ["to sign in", MagicPage, "/app/magic", "/api/auth/magic-link", /A link to sign in is on its way to alice@/],
  ["to set a new password", ForgotPage, "/app/forgot", "/api/auth/password/reset-request", /If an account has/],
])("asking for a link %s", (_, Page, address, endpoint, sentence) => {
  it("has it sent, and a second one only after a while", async () => {
    vi.useFakeTimers();
    const server = serve({ [`POST ${endpoint}`]: accepted });
    visit(Page, address);
    fill("E-mail", " alice@example.org ");
    send("Send the link");
    await pass(0);
    screen.getByText(sentence);
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Send it again in 1:00" }).disabled).toBe(true);
    await pass(60_000);
    press("Send it again");
    await pass(0);
    const body = { email: "alice@example.org" };
    expect(await server.bodies(endpoint)).toEqual([body, body]);
  });

  it("sends nothing to what is no address", async () => {
    const server = serve({});
    visit(Page, address);
    fill("E-mail", "alice");
    send("Send the link");
    await screen.findByText("This does not look like an e-mail address.");
    expect(server.seen).toEqual([]);
  });
});

describe("a link to sign in", () => {
  const SPEND = "/api/auth/verify-magic-link";

  it("leaves the address bar at once, and is spent by a press, not by opening it", async () => {
    const server = serve({ [`POST ${SPEND}`]: () => json(GRANT) });
    visit(MagicPage, "/app/magic?next=%2Fapp%2Fchat%2Fc1#token=secret");
    expect(window.location.hash).toBe("");
    expect(server.seen).toEqual([]);
    press("Sign in");
    await waitFor(() => expect(whoIsHere()).toBe("alice"));
    expect(await server.bodies(SPEND)).toEqual([{ token: "secret", restore: false }]);
    expect(path.value).toBe("/app/chat/c1");
  });

  it("leads nowhere but into this client", async () => {
    serve({ [`POST ${SPEND}`]: () => json(GRANT) });
    visit(MagicPage, "/app/magic?next=https%3A%2F%2Fevil.example#token=secret");
    press("Sign in");
    await waitFor(() => expect(path.value).toBe("/app"));
  });

  it("that is spent or too old says so, and where a new one is to be had", async () => {
    serve({ [`POST ${SPEND}`]: () => refusal(400, "link_expired") });
    visit(MagicPage, "/app/magic#token=old");
    press("Sign in");
    await screen.findByText("This link no longer works");
    expect(screen.getByRole("link", { name: "Get a new link" }).getAttribute("href")).toBe("/app/magic");
    expect(whoIsHere()).toBeNull();
  });

  it("says who is here already, whom it may change", () => {
    session.value = { status: "signed-in", user: { username: "bob" } as never, accessToken: "b", expiresAt: Infinity };
    visit(MagicPage, "/app/magic#token=secret");
    screen.getByText(/You are signed in as bob/);
  });
});

describe("a link to set a new password", () => {
  const RESET = "/api/auth/password/reset";

  function choose(password: string): void {
    fill("New password", password);
    send("Set the password");
  }

  it("sets it, ends the session that was here, and leads to the form to sign in", async () => {
    session.value = { status: "signed-in", user: { id: "u" } as never, accessToken: "a", expiresAt: Infinity };
    const server = serve({ [`POST ${RESET}`]: () => new Response(null, { status: 204 }) });
    visit(ResetPage, "/app/reset#token=secret");
    choose("long enough 1");
    await waitFor(() => expect(path.value).toBe("/app/login"));
    expect(await server.bodies(RESET)).toEqual([{ token: "secret", password: "long enough 1" }]);
    expect(session.value.status).toBe("guest");
  });

  it("sends no password that the server would refuse", async () => {
    const server = serve({});
    visit(ResetPage, "/app/reset#token=secret");
    choose("short 1");
    await waitFor(() => expect(screen.getByLabelText("New password").getAttribute("aria-invalid")).toBe("true"));
    screen.getByText("At least 8 characters.");
    expect(server.seen).toEqual([]);
  });

  it("that is too old, or is none, leads to a new one", async () => {
    serve({ [`POST ${RESET}`]: () => refusal(400, "link_expired") });
    visit(ResetPage, "/app/reset#token=old");
    choose("long enough 1");
    await screen.findByText("This link no longer works");
    expect(screen.getByRole("link", { name: "Get a new link" }).getAttribute("href")).toBe("/app/forgot");
  });

  it("is no link without a token", () => {
    visit(ResetPage, "/app/reset");
    screen.getByText("This link no longer works");
    expect(screen.queryByLabelText("New password")).toBeNull();
  });
});

describe("a link about an address", () => {
  it.each([
    ["confirms it", VerifyPage, "/app/verify", "/api/auth/email/verify", "Confirm the address", "Your address is confirmed"],
    ["changes it", EmailPage, "/app/email", "/api/auth/email/confirm", "Use this address", "Your account uses the new address"],
  ])("%s, in any browser", async (_, Page, address, endpoint, label, done) => {
    const server = serve({ [`POST ${endpoint}`]: () => new Response(null, { status: 204 }) });
    visit(Page, `${address}#token=secret`);
    press(label);
    await screen.findByText(done);
    expect(await server.bodies(endpoint)).toEqual([{ token: "secret" }]);
    expect(query.value.toString()).toBe("");
  });
});
