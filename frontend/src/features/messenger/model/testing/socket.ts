/** The client's end of a socket whose other end is a test. */
export class FakeSocket {
  static readonly OPEN = 1;
  readyState = 1;
  isSynced = false;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onSend: (text: string) => void = () => undefined;

  /** Frames arrive later and in order, as over a network. */
  receive(frame: object): void {
    const data = JSON.stringify(frame);
    queueMicrotask(() => {
      if (this.readyState === 1) this.onmessage?.({ data });
    });
  }

  send(text: string): void {
    queueMicrotask(() => this.onSend(text));
  }

  /** The line breaks, or the server closes. */
  cut(code: number, reason = ""): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    queueMicrotask(() => this.onclose?.({ code, reason }));
  }

  close(): void {
    this.readyState = 3;
  }
}
