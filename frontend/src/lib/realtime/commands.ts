/** Commands on their way: each waits for the `ok` or `error` that carries its id. */
import { ApiError, errorFromBody } from "@/lib/api";
import { toJson } from "@/lib/text";

const PER_SECOND = 8;
const BURST = 20;

interface Waiting {
  resolve: (payload: unknown) => void;
  reject: (error: ApiError) => void;
  timer: ReturnType<typeof setTimeout>;
}

/** Nobody knows whether it was carried out: the same command, with the same `client_id`, may be sent again. */
export function noAnswer(): ApiError {
  return new ApiError("The server did not answer", 0, "network");
}

/** The server closed the line over something it cannot read, and this was among what it had been sent last. */
export const UNREADABLE = "unreadable";

export class Commands {
  private readonly waiting = new Map<string, Waiting>();
  private readonly pace = new Pace();
  private count = 0;

  constructor(
    private readonly timeoutMs: number,
    /** A connection that swallows commands is dead. */
    private readonly onSilence: () => void,
  ) {}

  /**
   * Rejects with an `ApiError`: the server's own, or `code: "network"` when there was no answer. `write` puts the frame
   * on the wire and says whether there was a wire.
   */
  async send(type: string, payload: unknown, write: (text: string) => boolean): Promise<unknown> {
    await this.pace.turn();
    return new Promise((resolve, reject) => {
      const id = `c${++this.count}`;
      if (!write(toJson({ type, id, payload }))) {
        reject(noAnswer());
        return;
      }
      const timer = setTimeout(() => {
        this.settle(id)?.reject(noAnswer());
        this.onSilence();
      }, this.timeoutMs);
      this.waiting.set(id, { resolve, reject, timer });
    });
  }

  succeed(id: string, payload: unknown): void {
    this.settle(id)?.resolve(payload);
  }

  fail(id: string, payload: unknown): void {
    this.settle(id)?.reject(errorFromBody(payload, statusOf(payload)));
  }

  get areWaiting(): boolean {
    return this.waiting.size > 0;
  }

  /** The connection is gone, and the answers with it. */
  abandon(error: ApiError = noAnswer()): void {
    for (const id of [...this.waiting.keys()]) this.settle(id)?.reject(error);
  }

  private settle(id: string): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (waiting) clearTimeout(waiting.timer);
    return waiting;
  }
}

/** Stays below the server's bound of commands a second, which would close the socket of somebody with a long queue. */
class Pace {
  private left = BURST;
  private at = Date.now();

  async turn(): Promise<void> {
    const now = Date.now();
    this.left = Math.min(BURST, this.left + ((now - this.at) / 1000) * PER_SECOND) - 1;
    this.at = now;
    if (this.left < 0) await new Promise((resolve) => setTimeout(resolve, (-this.left / PER_SECOND) * 1000));
  }
}

/** The socket has no status; the one of the REST twin lets callers tell a refusal from trouble. */
function statusOf(payload: unknown): number {
  const retryable = typeof payload === "object" && payload !== null && "retryable" in payload && payload.retryable;
  return retryable === true ? 503 : 400;
}
