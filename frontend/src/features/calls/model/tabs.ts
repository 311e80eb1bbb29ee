/** The tabs of this browser tell each other which of them is in a call. */
import { signal } from "@preact/signals";

interface Told {
  type: "in" | "out" | "who" | "focus";
  tab: string;
  callId?: string;
}

const CHANNEL = "kintsugi.calls";

export class Tabs {
  /** The call another tab is in. */
  readonly elsewhere = signal<string | null>(null);
  private readonly channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(CHANNEL) : null;
  private mine: string | null = null;
  private tabInCall: string | null = null;

  constructor(private readonly me: string) {
    this.channel?.addEventListener("message", ({ data }: MessageEvent<Told>) => this.hear(data));
    this.tell({ type: "who" });
  }

  /** This tab is in that call, or in none. */
  enter(callId: string | null): void {
    if (callId === this.mine) return;
    this.mine = callId;
    this.tell(callId === null ? { type: "out" } : { type: "in", callId });
  }

  /** Ask the tab that is in a call to show itself; browsers let it do so or blink. */
  show(): void {
    this.tell({ type: "focus" });
  }

  close(): void {
    this.enter(null);
    this.channel?.close();
  }

  private tell(told: Omit<Told, "tab">): void {
    this.channel?.postMessage({ ...told, tab: this.me } satisfies Told);
  }

  private hear({ type, tab, callId }: Told): void {
    if (type === "in" && callId !== undefined) {
      this.tabInCall = tab;
      this.elsewhere.value = callId;
    } else if (type === "out" && tab === this.tabInCall) this.elsewhere.value = this.tabInCall = null;
    else if (type === "who" && this.mine !== null) this.tell({ type: "in", callId: this.mine });
    else if (type === "focus" && this.mine !== null) window.focus();
  }
}
