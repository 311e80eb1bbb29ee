/** One tab of a browser: a model of its own above the disk that all tabs share. Tests only. */
import { vi } from "vitest";

import { session } from "@/lib/api";
import type { User } from "@/lib/api";
import { Positions } from "@/lib/realtime";

import { MessengerModel } from "../messenger";
import { openStorage } from "../storage";
import { ME } from "./server";

/** Notes every step, so that a test can say that none went back. */
export class WatchedPositions extends Positions {
  readonly steps: [string, number][] = [];

  override advance(stream: string, seq: number): void {
    super.advance(stream, seq);
    this.steps.push([stream, this.get(stream) ?? 0]);
  }
}

const USER = { id: ME, username: "alice", display_name: "", avatar_url: "", kind: "human" } as unknown as User;

export function signIn(): void {
  session.value = { status: "signed-in", user: USER, accessToken: "a", expiresAt: Date.now() + 10_000_000 };
}

export class Tab {
  readonly positions = new WatchedPositions();
  readonly storage = openStorage(ME);
  readonly model = new MessengerModel(USER, this.storage, this.positions);

  static async open(): Promise<Tab> {
    const tab = new Tab();
    await tab.model.start();
    await settle();
    return tab;
  }

  texts(id: string): string[] {
    return this.model.conversation(id).messages.value.map((message) => message.content);
  }

  /** The page goes away; the disk stays. */
  async leave(): Promise<void> {
    await this.storage.settled();
    this.model.close();
  }
}

/** Let everything that is under way come to rest, timers up to `ms` included. */
export async function settle(ms = 100): Promise<void> {
  for (let passed = 0; passed <= ms; passed += Math.max(10, ms / 20)) {
    await vi.advanceTimersByTimeAsync(Math.max(10, ms / 20));
    for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Web Locks as a browser has them: one holder per name, the others in line. */
export function fakeLocks() {
  const lines = new Map<string, Promise<unknown>>();
  return {
    request: (name: string, ...rest: unknown[]) => {
      const turn = (lines.get(name) ?? Promise.resolve()).then(rest.at(-1) as () => Promise<void>);
      lines.set(name, turn.catch(() => undefined));
      return turn;
    },
  };
}
