import { describe, expect, it } from "vitest";

import { call } from "../testing/shapes";
import { CallBoard } from "./board";

describe("the board of calls", () => {
  it("does not go back for an answer that an event has overtaken", () => {
    const board = new CallBoard();
    const mark = board.mark();
    board.apply(call({ status: "active", notice: "audio_only" }));
    expect(board.put(call({ status: "active", notice: null }), mark).notice).toBe("audio_only");
    expect(board.get("call-1")?.notice).toBe("audio_only");
  });

  it("takes an answer that nothing has overtaken", () => {
    const board = new CallBoard();
    board.apply(call());
    board.put(call({ status: "connecting" }), board.mark());
    expect(board.get("call-1")?.status).toBe("connecting");
  });

  it("never lets a call that is over ring again", () => {
    const board = new CallBoard();
    board.apply(call({ status: "ended", end_reason: "cancelled" }));
    board.apply(call());
    board.put(call(), board.mark());
    expect(board.live.value.size).toBe(0);
  });

  it("names the calls that are not there any more", () => {
    const board = new CallBoard();
    board.apply(call());
    board.apply(call({ id: "call-2" }));
    expect(board.replace([call({ id: "call-2" })], board.mark())).toEqual(["call-1"]);
  });

  it("does not name one that began after the question was asked", () => {
    const board = new CallBoard();
    const mark = board.mark();
    board.apply(call());
    expect(board.replace([], mark)).toEqual([]);
  });

  it("tells of an end as well", () => {
    const board = new CallBoard();
    const heard: string[] = [];
    board.onChange(({ status }) => heard.push(status));
    board.apply(call());
    board.apply(call({ status: "ended" }));
    expect(heard).toEqual(["ringing", "ended"]);
  });
});
