import { signal } from "@preact/signals";
import { afterEach, describe, expect, it } from "vitest";

import { ApiError } from "@/lib/api";
import type { SharedSocket, SocketState } from "@/lib/realtime";
import { socketStarted, socketStopped } from "@/lib/realtime/current";
import { json, serve } from "@/lib/testing/serve";

import { call, ICE, leg } from "../testing/shapes";
import { answerCall } from "./api";

const ENTRY = { call: call(), leg: leg("leg-b"), ice: ICE };
const BODY = { device_key: "tab", move: false, audio_on: true, video_on: false };

let end: () => void = () => undefined;
afterEach(() => end());

/** A line of the socket, and how often REST was asked. */
function line(command: SharedSocket["command"], state: SocketState = { state: "live" }) {
  const socket: SharedSocket = { state: signal(state), command, tell: () => undefined };
  socketStarted(socket);
  end = () => socketStopped(socket);
  const server = serve({ "POST /api/calls/call-1/answer": () => json(ENTRY) });
  return () => server.count("/api/calls/call-1/answer");
}

describe("picking up", () => {
  it("goes over the socket, where the others' first words find the leg then", async () => {
    const asked: unknown[] = [];
    const byRest = line((type, payload) => Promise.resolve((asked.push([type, payload]), ENTRY)));
    expect(await answerCall("call-1", BODY)).toEqual(ENTRY);
    expect(asked).toEqual([["call.answer", { call_id: "call-1", ...BODY }]]);
    expect(byRest()).toBe(0);
  });

  it("that is refused is not asked for in another way", async () => {
    const refused = new ApiError("You are in this call on another device.", 400, "answered_elsewhere");
    const byRest = line(() => Promise.reject(refused));
    await expect(answerCall("call-1", BODY)).rejects.toBe(refused);
    expect(byRest()).toBe(0);
  });

  it("is asked for once more by REST when the line breaks, and at once where there is none", async () => {
    const silent = line(() => Promise.reject(new ApiError("The server did not answer", 0, "network")));
    expect(await answerCall("call-1", BODY)).toEqual(ENTRY);
    expect(silent()).toBe(1);
    end();
    const offline = line(() => Promise.reject(new Error("nobody asks here")), { state: "connecting" });
    expect(await answerCall("call-1", BODY)).toEqual(ENTRY);
    expect(offline()).toBe(1);
  });
});
