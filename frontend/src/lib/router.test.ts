import { beforeEach, describe, expect, it, vi } from "vitest";

import { matchPath, navigate, path, query, safeReturnPath, startRouter } from "./router";

beforeEach(() => navigate("/app"));

describe("matchPath", () => {
  it.each([
    ["/app/chat/:id", "/app/chat/7", { id: "7" }],
    ["/app/chat/:id?", "/app/chat", {}],
    ["/app/chat/:id?", "/app/chat/7", { id: "7" }],
    ["/app/chat/:id", "/app/chat/a%20b", { id: "a b" }],
    ["/app/chat/:id", "/app/chat/%E0%A4%A", { id: "%E0%A4%A" }],
  ])("%s takes %s", (pattern, actual, params) => {
    expect(matchPath(pattern, actual)).toEqual(params);
  });

  it.each([
    ["/app/chat/:id", "/app/chat"],
    ["/app/chat/:id?", "/app/chat/7/8"],
    ["/app/chat", "/app/usage"],
    ["/app/chat", "/app"],
  ])("%s refuses %s", (pattern, actual) => {
    expect(matchPath(pattern, actual)).toBeNull();
  });
});

describe("safeReturnPath", () => {
  it("goes back to a place of the client", () => {
    expect(safeReturnPath("/app/chat/1?x=2", "/app")).toBe("/app/chat/1?x=2");
  });

  it.each([null, "https://evil.example/app", "//evil.example/app", "/admin", "/application", "javascript:alert(1)", "http://"])(
    "does not follow %s",
    (candidate) => {
      expect(safeReturnPath(candidate, "/app/chat")).toBe("/app/chat");
    },
  );
});

describe("navigate", () => {
  it("moves the address and what reads it", () => {
    navigate("/app/usage/?days=7");
    expect(window.location.pathname).toBe("/app/usage/");
    expect(path.value).toBe("/app/usage");
    expect(query.value.get("days")).toBe("7");
  });
});

describe("links", () => {
  startRouter();

  function click(html: string, init: MouseEventInit = {}): MouseEvent {
    document.body.innerHTML = html;
    const event = new MouseEvent("click", { bubbles: true, cancelable: true, composed: true, ...init });
    document.querySelector("a span, a")?.dispatchEvent(event);
    return event;
  }

  it("stay within the page when they are the client's own", () => {
    const event = click('<a href="/app/settings"><span>Settings</span></a>');
    expect(event.defaultPrevented).toBe(true);
    expect(path.value).toBe("/app/settings");
  });

  it.each([
    ["another page of the server", '<a href="/pricing">x</a>', {}],
    ["a new tab", '<a href="/app/chat" target="_blank">x</a>', {}],
    ["a download", '<a href="/app/chat" download>x</a>', {}],
    ["a place on the page", '<a href="#main">x</a>', {}],
    ["a click with Ctrl", '<a href="/app/chat">x</a>', { ctrlKey: true }],
  ])("are the browser's when they are %s", (_, html, init) => {
    // Keeps the test's window from following the link.
    const stop = vi.fn((event: Event) => event.preventDefault());
    window.addEventListener("click", stop, { once: true });
    click(html, init);
    expect(stop).toHaveBeenCalled();
    expect(path.value).toBe("/app");
  });
});
