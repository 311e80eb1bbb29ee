import { cleanup, fireEvent, render, screen, waitFor } from "@/lib/testing/library";
import { afterEach, describe, expect, it, vi } from "vitest";

import { approval } from "../testing/shapes";
import { ApprovalCard } from "./ApprovalCard";

const SOON = new Date(Date.now() + 60_000).toISOString();
const REQUEST = { method: "POST", url: "https://api.example.com/tickets", headers: { Authorization: "[redacted]" }, body: '{"title":"Broken"}' };

describe("a card that asks", () => {
  afterEach(cleanup);

  it("shows what is sent to the letter, where to and why", () => {
    render(<ApprovalCard approvals={[approval({ expires_at: SOON, request: REQUEST })]} onDecide={() => Promise.resolve()} />);
    const card = screen.getByRole("alert");
    expect(card.textContent).toContain("create_ticket → api.example.com");
    expect(card.textContent).toContain("It may change something there.");
    expect(card.querySelector("pre")?.textContent).toBe(
      'POST https://api.example.com/tickets\nAuthorization: [redacted]\n\n{"title":"Broken"}',
    );
  });

  it("decides all calls of a step, and remembers only when told to", async () => {
    const onDecide = vi.fn(() => Promise.resolve());
    const two = [approval({ expires_at: SOON }), approval({ n: 4, step_id: "s4", expires_at: SOON })];
    render(<ApprovalCard approvals={two} onDecide={onDecide} />);
    fireEvent.click(screen.getByRole("button", { name: "Do not allow" }));
    await waitFor(() => expect(onDecide).toHaveBeenCalledTimes(2));
    expect(onDecide).toHaveBeenLastCalledWith(two[1], "deny", false);
  });

  it("takes no yes after its time", () => {
    render(<ApprovalCard approvals={[approval({ expires_at: "2020-01-01T00:00:00Z" })]} onDecide={() => Promise.resolve()} />);
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Allow" }).disabled).toBe(true);
    expect(screen.getByText("Nobody answered in time: it is not allowed.")).toBeTruthy();
  });
});
