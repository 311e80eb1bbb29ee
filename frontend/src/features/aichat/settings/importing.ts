/** An import on its way: the file goes up, a job reads it, and this looks how far it is. */
import { signal } from "@preact/signals";

import { api, isAbort } from "@/lib/api";
import type { Schemas } from "@/lib/api";
import { limit } from "@/lib/config";
import { sendFile } from "@/lib/upload";

/** What jobs of this kind say beside what all say. */
export type ImportJob = Schemas["OwnJob"] & {
  imported: number;
  known: number;
  failed: number;
  failures: readonly { title: string; reason: string }[];
};

const KIND = "aichat.import_chats";
const LOOK_AGAIN_MS = 2000;
const OVER = new Set(["completed", "failed", "cancelled"]);

export class Import {
  /** Of the file that is sent, 0 to 1; null when none is. */
  readonly sent = signal<number | null>(null);
  readonly job = signal<ImportJob | null>(null);
  readonly error = signal<unknown>(null);
  /** The chosen file is larger than any that may be sent. */
  readonly isTooLarge = signal(false);
  private readonly end = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  get isUnderWay(): boolean {
    const job = this.job.value;
    return this.sent.value !== null || (job !== null && !OVER.has(job.status));
  }

  /** One that was begun before this page was opened is gone on with. */
  async find(): Promise<void> {
    const { results } = await api.get("/api/jobs", { query: { limit: 100 }, signal: this.end.signal });
    const mine = results.find(({ kind, status }) => kind === KIND && !OVER.has(status));
    if (mine !== undefined && !this.isUnderWay) this.show(mine as ImportJob);
  }

  async begin(file: File): Promise<void> {
    this.error.value = null;
    this.job.value = null;
    this.isTooLarge.value = file.size > limit("max_upload_bytes");
    if (this.isTooLarge.value) return;
    this.sent.value = 0;
    try {
      const options = { signal: this.end.signal, onProgress: (share: number) => (this.sent.value = share) };
      this.show((await sendFile("/api/chats/imports", { file }, options)) as ImportJob);
    } catch (error) {
      if (!isAbort(error)) this.error.value = error;
    } finally {
      this.sent.value = null;
    }
  }

  async cancel(): Promise<void> {
    const id = this.job.value?.job_id;
    if (id === undefined) return;
    try {
      this.show((await api.post("/api/jobs/{job_id}/cancel", { path: { job_id: id } })) as ImportJob);
    } catch (error) {
      this.error.value = error;
    }
  }

  close(): void {
    this.end.abort();
    clearTimeout(this.timer);
  }

  private show(job: ImportJob): void {
    this.job.value = job;
    clearTimeout(this.timer);
    if (!OVER.has(job.status)) this.timer = setTimeout(() => void this.look(job.job_id), LOOK_AGAIN_MS);
  }

  private async look(id: string): Promise<void> {
    // Whoever looks is not told on their devices; a page that nobody sees does not look.
    if (document.visibilityState === "hidden") {
      document.addEventListener("visibilitychange", () => void this.look(id), { once: true, signal: this.end.signal });
      return;
    }
    const { signal: abort } = this.end;
    const path = { job_id: id };
    const job = await api.get("/api/jobs/{job_id}/status", { path, signal: abort }).catch(() => this.job.peek());
    if (!abort.aborted && job !== null) this.show(job as ImportJob);
  }
}
