import { expect, it, vi } from "vitest";

import { session } from "@/lib/api";

import * as server from "./api";
import { consoleOfTemplate } from "./console";

vi.mock("./api");

function signIn(id: string): void {
  session.value = { status: "signed-in", user: { id }, accessToken: "t", expiresAt: 0 } as unknown as typeof session.value;
}

it("shows whoever signs in next in a tab nothing of what a template was asked there", async () => {
  const aborted: AbortSignal[] = [];
  vi.mocked(server.tryTemplate).mockImplementation((_id, _body, abort) => {
    aborted.push(abort);
    return new Promise(() => undefined);
  });
  signIn("alice");
  const hers = consoleOfTemplate("librarian", "try this");
  hers.text.value = "a secret of hers";
  void hers.send(() => Promise.resolve());
  await vi.waitFor(() => expect(aborted).toHaveLength(1));
  expect(consoleOfTemplate("librarian", "try this")).toBe(hers);
  session.value = { status: "guest" };
  expect(aborted[0]?.aborted).toBe(true);
  signIn("bob");
  const his = consoleOfTemplate("librarian", "try this");
  expect([his.runs.value, his.text.value]).toEqual([[], "try this"]);
});
