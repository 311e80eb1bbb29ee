import { ApiError } from "@/lib/api";

import * as server from "./api";
import type { CallBoard } from "./board";
import { dropHangUp } from "./kept";

/** Tell the server that a leg has left, and forget it when it knows. */
export async function sendHangUp(board: CallBoard, callId: string, legId: string, forEveryone = false): Promise<void> {
  const mark = board.mark();
  try {
    board.put(await server.endCall(callId, legId, forEveryone), mark);
    dropHangUp(legId);
  } catch (error) {
    // It is over, or was never mine: nothing is left to be told.
    const isDone = error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;
    if (isDone) dropHangUp(legId);
  }
}
