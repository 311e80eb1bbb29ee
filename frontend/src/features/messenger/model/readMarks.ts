/** How far I have read, told to the server a moment later and once for many messages; kept until it is told. */
import { isPassing, isUnreadable } from "./refusals";
import type { ReadMark, Storage } from "./storage";

const PAUSE_MS = 400;

export interface MarksOptions {
  storage: Storage;
  isLive: () => boolean;
  command: (type: string, payload: unknown) => Promise<unknown>;
  onTold: (conversationId: string, counts: { read_seq: number; unread_count: number }) => void;
}

export class ReadMarks {
  private readonly waiting = new Map<string, ReadMark>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: MarksOptions) {}

  /** Answers what was read but not told before the page went away. */
  async restore(): Promise<readonly ReadMark[]> {
    const stored = await this.options.storage.all("marks").catch(() => []);
    for (const mark of stored) this.waiting.set(mark.conversation_id, mark);
    return stored;
  }

  set(mark: ReadMark): void {
    if ((this.waiting.get(mark.conversation_id)?.seq ?? -1) >= mark.seq) return;
    this.waiting.set(mark.conversation_id, mark);
    void this.options.storage.write({ kind: "mark", mark });
    this.timer ??= setTimeout(() => this.flush(), PAUSE_MS);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.options.isLive()) return;
    for (const mark of this.waiting.values()) void this.tell(mark);
  }

  forget(conversationId: string): void {
    this.waiting.delete(conversationId);
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private async tell(mark: ReadMark): Promise<void> {
    const { conversation_id, message_id } = mark;
    try {
      const answer = await this.options.command("read.mark", { conversation_id, message_id });
      this.options.onTold(conversation_id, answer as { read_seq: number; unread_count: number });
    } catch (error) {
      // Without an answer it is told again with the next connection; a refusal is final.
      if (isPassing(error) || isUnreadable(error)) return;
    }
    if (this.waiting.get(conversation_id) === mark) this.waiting.delete(conversation_id);
    await this.options.storage.write({ kind: "mark-told", mark });
  }
}
