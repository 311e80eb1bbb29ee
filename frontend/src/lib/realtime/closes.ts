/** What a close code asks of the client: the table of the protocol. */
export type EndReason = "refused" | "malformed" | "revoked" | "expired";

export type CloseAdvice =
  | { do: "resume" }
  | { do: "back-off" }
  /** After this many milliseconds. */
  | { do: "wait"; ms: number }
  | { do: "renew-session" }
  | { do: "wait-for-focus" }
  | { do: "end"; reason: EndReason };

const DRAIN_SPREAD_MS = 5_000;
const RATE_LIMIT_MS = 30_000;

export function adviceFor(code: number, reason: string, random: () => number = Math.random): CloseAdvice {
  switch (code) {
    case 4001:
      return { do: "renew-session" };
    case 4003:
      return { do: "end", reason: "refused" };
    case 4008:
      return { do: "resume" };
    case 4009:
    case 1009:
      return { do: "end", reason: "malformed" };
    case 4010:
      return { do: "end", reason: "revoked" };
    case 4011:
    case 1012:
      return { do: "wait", ms: random() * DRAIN_SPREAD_MS };
    case 4012:
      return { do: "wait-for-focus" };
    case 4029:
      return { do: "wait", ms: secondsIn(reason) ?? RATE_LIMIT_MS };
    default:
      return { do: "back-off" };
  }
}

/** `retry_after` travels as the number in the close reason. */
function secondsIn(reason: string): number | null {
  const number = /\d+(\.\d+)?/.exec(reason)?.[0];
  return number === undefined ? null : Number(number) * 1000;
}
