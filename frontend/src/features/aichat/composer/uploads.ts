import { computed, signal, type Signal } from "@preact/signals";

import { isAbort } from "@/lib/api";
import type { UploadedFile } from "@/lib/api";
import { limit } from "@/lib/config";
import { errorText } from "@/lib/errorText";

import { changeEncoding } from "../model/api";
import type { Encoding } from "../shapes";
import { t } from "../words";

export interface Upload {
  readonly key: number;
  readonly name: string;
  /** From 0 to 1. */
  readonly progress: Signal<number>;
  /** Other files are before it. */
  readonly waiting: Signal<boolean>;
  /** There once the server has it. */
  readonly file: UploadedFile | null;
  /** Why it was refused. */
  readonly error: string | null;
  readonly cancel: () => void;
}

const BYTES_PER_MB = 1_000_000;
let keys = 0;

/** The files that will go with the next message. */
export class Uploads {
  readonly list = signal<readonly Upload[]>([]);
  readonly files = computed(() => this.list.value.flatMap((upload) => upload.file ?? []));
  readonly busy = computed(() => this.list.value.some((upload) => upload.file === null && upload.error === null));

  add(files: Iterable<File>): void {
    for (const file of files) void this.upload(file);
  }

  remove(key: number): void {
    this.list.value.find((upload) => upload.key === key)?.cancel();
    this.list.value = this.list.value.filter((upload) => upload.key !== key);
  }

  /** The message with them was sent. */
  clear(): void {
    this.list.value = [];
  }

  restore(files: readonly UploadedFile[]): void {
    this.list.value = files.map((file) => {
      return { key: ++keys, name: file.name, progress: signal(1), waiting: signal(false), file, error: null, cancel: () => undefined };
    });
  }

  /** Read a text in another encoding than the server guessed. Throws an `ApiError`. */
  async readAs(key: number, file: UploadedFile, encoding: Encoding): Promise<void> {
    this.change(key, { file: await changeEncoding(file.id, encoding) });
  }

  private async upload(file: File): Promise<void> {
    const abort = new AbortController();
    const progress = signal(0);
    const waiting = signal(false);
    const key = ++keys;
    const upload = { key, name: file.name, progress, waiting, file: null, error: null, cancel: () => abort.abort() };
    this.list.value = [...this.list.value, upload];
    const most = limit("max_upload_bytes");
    if (file.size > most) {
      this.change(key, { error: t("tooLarge", { limit: Math.floor(most / BYTES_PER_MB) }) });
      return;
    }
    try {
      const { uploadFile } = await import("@/lib/upload");
      const onProgress = (share: number) => (progress.value = share);
      const onWaiting = (waits: boolean) => (waiting.value = waits);
      this.change(key, { file: await uploadFile(file, { signal: abort.signal, onProgress, onWaiting }) });
    } catch (error) {
      if (!isAbort(error)) this.change(key, { error: errorText(error) });
    }
  }

  private change(key: number, change: Partial<Upload>): void {
    this.list.value = this.list.value.map((upload) => (upload.key === key ? { ...upload, ...change } : upload));
  }
}
