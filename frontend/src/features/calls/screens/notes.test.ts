import { expect, it } from "vitest";

import { call, leg, participant } from "../testing/shapes";
import { wayNotes } from "./notes";

const here = { userId: "user-bob", isServerAway: false, mayShow: true };
const texts = (notice: NonNullable<ReturnType<typeof call>["notice"]> | null, more: Partial<typeof here> = {}) =>
  wayNotes(call({ notice, payer_id: "user-alice", participants: [participant("alice", { leg: leg("leg-a") })] }), { ...here, ...more }).map(({ text }) => text);

it("a plan without minutes is not said to have used them up, and another one may pay", () => {
  const notes = wayNotes(call({ notice: "minutes_not_in_plan", payer_id: "user-alice" }), here);
  expect(notes).toEqual([{ text: expect.stringContaining("plan") as string, canPay: true }]);
  expect(texts("minutes_over")[0]).toContain("used up");
  expect(wayNotes(call({ notice: "minutes_not_in_plan", payer_id: "user-bob" }), here)[0]?.canPay).toBe(false);
});

it("minutes are not said to be used up when whoever paid has left", () => {
  for (const [notice, said] of [["minutes_low", "Somebody else may pay"], ["minutes_over", "you talk directly"]] as const) {
    const gone = call({ notice, payer_id: "user-alice", participants: [participant("alice", { leg: null })] });
    const [{ text, canPay } = { text: "", canPay: false }] = wayNotes(gone, here);
    expect(text).toContain("has left");
    expect(text).toContain(said);
    expect(text).not.toContain("used up");
    expect(canPay).toBe(true);
    expect(texts(notice)[0]).toContain("used up");
  }
});

it("minutes that cannot be counted are nobody's to pay", () => {
  expect(wayNotes(call({ notice: "minutes_unknown", payer_id: "user-alice" }), here)[0]?.canPay).toBe(false);
  expect(texts("minutes_unknown")[0]).toContain("cannot be counted");
});

it("whoever is not heard yet is no fault of the media server", () => {
  expect(texts("no_media")[0]).not.toContain("server");
});

it("the fifth one is told why, and that there are no pictures", () => {
  expect(texts("minutes_over", { mayShow: false })).toHaveLength(2);
  expect(texts("audio_only", { mayShow: false })).toHaveLength(1);
  expect(texts(null, { mayShow: false })).toEqual(["More than four here talk without video."]);
});

it("a server that is away is said where nothing else is", () => {
  expect(texts(null, { isServerAway: true })[0]).toContain("does not answer");
  expect(texts("minutes_low", { isServerAway: true })).toHaveLength(1);
});
