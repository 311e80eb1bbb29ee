/** The agents of one conversation, as a member sees them: who is there, what runs, what one is asked, what was refused. */
import { effect, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { currentUser } from "@/lib/api";
import { currentSocket, subscribe } from "@/lib/realtime";
import type { Frame } from "@/lib/realtime";
import type { AgentRefused, AgentRunChanged, AgentRunning, MessageNew } from "@/lib/realtime/events.gen";

import type { AgentsIn, Approval, RunIn } from "../shapes";
import * as server from "./api";
import { isLive } from "./run";
import { shownConversations } from "./shownConversations";

/** Several events belong to one thing that happened: it is read once for them. */
const TOGETHER_MS = 150;
/** Facts of a conversation that change what stands here. */
const FACTS: readonly string[] = ["agents_stopped", "agents_resumed", "agents_wait", "added", "joined", "removed", "left"];

export class AgentsOf {
  /** Null until it was read, and where it cannot be. */
  readonly data = signal<AgentsIn | null>(null);
  readonly failure = signal<unknown>(null);
  /** The function that a run calls this moment, by the run's id. */
  readonly doing = signal<ReadonlyMap<string, string>>(new Map());
  /** What this person is asked, oldest first. */
  readonly asking = signal<readonly Approval[]>([]);
  /** Why their last question is not answered, which nobody else is told. */
  readonly refused = signal<AgentRefused | null>(null);
  /** Counts what was told: an answer of the server that is older than that knows less. */
  private told = 0;
  private users = 0;
  private close: (() => void) | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly id: string) {}

  /** Follow it for as long as somebody looks; call what is returned when nobody does. */
  open(): () => void {
    if (this.users === 0) this.close = this.listen();
    this.users += 1;
    shownConversations.add(this.id);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.users -= 1;
      if (this.users > 0) return;
      shownConversations.delete(this.id);
      clearTimeout(this.timer);
      this.close?.();
    };
  }

  async read(): Promise<void> {
    const told = this.told;
    try {
      this.take(await server.readAgentsIn(this.id));
      await this.readAsked(told);
      this.failure.value = null;
    } catch (error) {
      this.failure.value = error;
    }
  }

  async stopAll(): Promise<void> {
    this.take(await server.stopAgentsIn(this.id));
  }

  async resume(): Promise<void> {
    this.take(await server.resumeAgentsIn(this.id));
  }

  async setSpeaksUp(agentId: string, speaksUp: boolean): Promise<void> {
    this.take(await server.setSpeaksUp(this.id, agentId, speaksUp));
  }

  async stop(runId: string): Promise<void> {
    await server.stopRun(runId);
    this.ended(runId);
  }

  async decide(approval: Approval, decision: "approve" | "deny", remember: boolean): Promise<void> {
    await server.decide(approval, decision, remember);
    this.told += 1;
    this.asking.value = this.asking.peek().filter(({ id }) => id !== approval.id);
  }

  hear(frame: Frame): void {
    switch (frame.type) {
      case "agent.run":
        { this.running(frame.payload as AgentRunning); return; }
      case "agent.run_changed":
        { this.changed(frame.payload as AgentRunChanged); return; }
      case "agent.refused": {
        const refused = frame.payload as AgentRefused;
        if (refused.conversation_id === this.id) this.refused.value = refused;
        return;
      }
      case "message.new":
        { this.said(frame.payload as MessageNew); return; }
    }
  }

  private listen(): () => void {
    const types = ["agent.run", "agent.run_changed", "agent.refused", "message.new"] as const;
    const stops = types.map((type) => subscribe(type, (frame) => this.hear(frame)));
    // What is told in passing may have been missed while there was no line.
    const stop = effect(() => {
      if (currentSocket.value?.state.value.state === "live") this.readSoon();
    });
    this.readSoon(0);
    return () => [...stops, stop].forEach((end) => end());
  }

  private readSoon(wait = TOGETHER_MS): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.read(), wait);
  }

  private take(data: AgentsIn): void {
    this.data.value = data;
    const ids = new Set(data.running.map(({ id }) => id));
    this.doing.value = new Map([...this.doing.peek()].filter(([id]) => ids.has(id)));
  }

  private async readAsked(told: number): Promise<void> {
    const me = currentUser.peek()?.id;
    const waiting = (this.data.peek()?.running ?? []).filter((run) => run.state === "waiting" && run.may_open);
    const runs = await Promise.all(waiting.map(({ id }) => server.readRun(id)));
    if (this.told !== told) {
      this.readSoon();
      return;
    }
    this.asking.value = runs.flatMap(({ trace }) =>
      trace.flatMap(({ state, approval }) =>
        state === "asking" && approval?.state === "waiting" && approval.asked_of.id === me ? [approval] : [],
      ),
    );
  }

  private running({ conversation_id: id, run_id: runId, state, doing }: AgentRunning): void {
    if (id !== this.id) return;
    if (!isLive(state)) { this.ended(runId); return; }
    if (state !== "waiting") this.answered(runId);
    const known = this.data.peek()?.running.find((run) => run.id === runId);
    if (known === undefined) this.readSoon();
    else if (known.state !== state) this.change(runId, { state });
    const next = new Map(this.doing.peek());
    if (doing === null) next.delete(runId);
    else next.set(runId, doing.name);
    this.doing.value = next;
  }

  private changed({ conversation_id: id, run_id: runId, state, approval }: AgentRunChanged): void {
    if (id !== this.id) return;
    this.told += 1;
    if (!isLive(state)) { this.ended(runId); return; }
    const asked = approval;
    if (asked === null || asked.asked_of.id !== currentUser.peek()?.id) return;
    this.asking.value = [...this.asking.peek().filter((one) => one.id !== asked.id), asked];
    this.change(runId, { state: "waiting" });
  }

  private said({ id: messageId, conversation_id: id, message_type: type, sender, system }: MessageNew): void {
    if (id !== this.id) return;
    if (type === "system") {
      if (system === null || FACTS.includes(system.action)) this.readSoon();
    } else if (sender?.id === currentUser.peek()?.id && this.refused.peek()?.message_id !== messageId) {
      // The two come by streams of their own: why a message is not answered may be here before it.
      this.refused.value = null;
    }
  }

  private ended(runId: string): void {
    const data = this.data.peek();
    if (data !== null) this.take({ ...data, running: data.running.filter(({ id }) => id !== runId) });
    this.answered(runId);
  }

  private answered(runId: string): void {
    if (this.asking.peek().some((one) => one.run_id === runId)) {
      this.asking.value = this.asking.peek().filter((one) => one.run_id !== runId);
    }
  }

  private change(runId: string, change: Partial<RunIn>): void {
    const data = this.data.peek();
    if (data === null) return;
    this.data.value = { ...data, running: data.running.map((run) => (run.id === runId ? { ...run, ...change } : run)) };
  }
}

const known = new Map<string, AgentsOf>();

export function agentsOf(id: string): AgentsOf {
  const agents = known.get(id) ?? new AgentsOf(id);
  known.set(id, agents);
  return agents;
}

/** Followed as long as the component is there. */
export function useAgentsOf(id: string): AgentsOf {
  const agents = useMemo(() => agentsOf(id), [id]);
  useEffect(() => agents.open(), [agents]);
  return agents;
}

effect(() => {
  // Whoever signs in next sees what is theirs.
  if (currentUser.value === null) known.clear();
});
