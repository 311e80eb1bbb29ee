/** The call of this tab, from the press of a button to what is said after its end. */
import { batch, computed, effect, signal, untracked } from "@preact/signals";

import { ApiError } from "@/lib/api";
import { limit } from "@/lib/config";
import { currentSocket } from "@/lib/realtime";

import type { LocalMedia } from "../media/local";
import type { Plane } from "../media/plane";
import * as server from "./api";
import type { CallBoard } from "./board";
import { sendHangUp } from "./hangUp";
import { epochOf, FIRST_EPOCHS, reached } from "./epochs";
import type { Epochs } from "./epochs";
import { keepHangUp, keepPlace } from "./kept";
import type { CallShape, CallType, Entry, Report, SignalFrame, Switched, Switches } from "./shapes";
import { participantOf, present } from "./shapes";

/** No rarer than this, whatever the server asks for: after some silence a device counts as lost. */
const RAREST_BEAT_MS = 10_000;
/** A report goes with each third beat. */
const REPORT_EVERY = 3;
/** A change is told at once; many at once are told together. */
const CHANGE_MS = 50;
/** Of several others at once. */
const MOST_EARLY = 50;

export type Phase = "asking" | "starting" | "in" | "over";

/** Why it is over for this tab, beyond the reasons the server gives for a call. */
export type Over = { reason: string } | { error: unknown; isAnswer: boolean };

export interface SessionOptions {
  userId: string;
  board: CallBoard;
  media: typeof import("../media");
  conversationId: string;
  callType: CallType;
  title: string;
  epochs?: Epochs;
}

export class CallSession {
  readonly phase = signal<Phase>("asking");
  readonly call = signal<CallShape | null>(null);
  readonly over = signal<Over | null>(null);
  readonly plane = signal<Plane | null>(null);
  readonly local: LocalMedia;
  /** Who is rung and is nowhere to be reached at the moment. */
  readonly isReachable = signal<boolean | null>(null);
  readonly secondsLeft = signal<number | null>(null);
  readonly others = computed(() => {
    const call = this.call.value;
    return call === null ? [] : present(call).filter(({ user }) => user.id !== this.options.userId);
  });
  readonly switches = computed<Switches>(() => {
    const { audioOn, videoOn, screenOn, mayShow } = this.local;
    return { audio_on: audioOn.value, video_on: videoOn.value && mayShow.value, screen_on: screenOn.value };
  });
  legId: string | null = null;

  private epochs: Epochs;
  private readonly early: [string, SignalFrame][] = [];
  private beats = 0;
  private waitsForPermission = false;
  private beatTimer: ReturnType<typeof setTimeout> | undefined;
  private soon: ReturnType<typeof setTimeout> | undefined;
  private toldGeneration = 0;
  /** The state of the call has named this leg: if it does not any more, the leg is gone. */
  private isNamed = false;
  /** What legs have told of themselves, the newest. */
  private readonly told = new Map<string, Switched>();
  private readonly endings: (() => void)[] = [];

  constructor(readonly options: SessionOptions) {
    this.epochs = options.epochs ?? FIRST_EPOCHS;
    this.local = new options.media.LocalMedia();
    this.endings.push(
      options.board.onChange((call) => {
        if (call.id === this.call.peek()?.id) this.follow(call);
      }),
      this.switches.subscribe(() => untracked(() => this.beatSoon())),
      effect(() => {
        // A connection of the socket that is new knows nothing of this leg.
        if (currentSocket.value?.state.value.state !== "live") return;
        untracked(() => {
          void this.beat().then(() => this.plane.peek()?.retry());
        });
      }),
    );
  }

  isOver(): boolean {
    return this.phase.value === "over";
  }

  /** Also while somebody is asked for the microphone. */
  setWaiting(waits: boolean): void {
    this.waitsForPermission = waits;
    this.beatSoon();
  }

  /** This device is in the call. */
  enter({ call, leg, ice }: Entry): void {
    if (this.isOver()) return;
    const { userId, media } = this.options;
    this.legId = leg.id;
    this.keep();
    batch(() => {
      this.call.value = call;
      this.phase.value = "in";
      this.plane.value = new media.Plane(
        {
          callId: call.id,
          me: leg.id,
          userId,
          epochOf: (legId) => epochOf(this.epochs, legId),
          ice,
          local: this.local,
          freshIce: () => server.iceServers(call.id),
          pass: () => server.mediaPass(call.id, leg.id),
          tell: (type, frame) => currentSocket.peek()?.tell(type, frame),
          onEpoch: (legId, epoch) => {
            this.epochs = reached(this.epochs, legId, epoch);
            this.keep();
          },
          onNoMedia: () => void this.complain("no_media"),
          onHeard: () => this.beatSoon(),
        },
        call,
      );
    });
    void this.beat();
    // What has happened since the answer was written.
    this.follow(this.options.board.get(call.id) ?? call);
    for (const said of this.early.splice(0)) this.take(...said);
  }

  take(type: string, frame: SignalFrame): void {
    if (this.phase.peek() === "starting") {
      // The others' first words may overtake the answer of the server; dropped, they would be said again a second later.
      if (this.early.length < MOST_EARLY) this.early.push([type, frame]);
    } else if (frame.call_id === this.call.peek()?.id && frame.to_leg_id === this.legId) this.plane.peek()?.take(type, frame);
  }

  /** What a button of another leg has changed, sooner than the next state says it. */
  switched(legId: string, { audio_on, video_on, screen_on, switched }: Switched): void {
    const call = this.call.peek();
    if (call === null || this.isOver() || switched < (this.told.get(legId)?.switched ?? 0)) return;
    this.told.set(legId, { audio_on, video_on, screen_on, switched });
    this.call.value = this.current(call);
    this.plane.peek()?.follow(this.call.value);
  }

  /** Hang up; what the server does not hear now it hears first when it can be reached. */
  async hangUp(forEveryone = false): Promise<void> {
    const call = this.call.peek();
    const { legId } = this;
    this.finish({ reason: call?.status === "ringing" ? "cancelled" : "hangup" });
    if (call === null || legId === null) return;
    keepHangUp({ callId: call.id, legId, userId: this.options.userId, at: Date.now() });
    await sendHangUp(this.options.board, call.id, legId, forEveryone);
  }

  /** The page goes away, perhaps for a reload. */
  leaving(): void {
    const call = this.call.peek();
    if (call === null || this.legId === null || this.isOver()) return;
    void server.sayLeaving(call.id, this.state(call)).catch(() => undefined);
  }

  finish(over: Over): void {
    if (this.isOver()) return;
    clearTimeout(this.beatTimer);
    clearTimeout(this.soon);
    for (const end of this.endings) end();
    this.plane.peek()?.close();
    this.local.close();
    keepPlace(null);
    batch(() => {
      this.plane.value = null;
      this.over.value = over;
      this.phase.value = "over";
    });
  }

  private keep(): void {
    const call = this.call.peek();
    if (this.legId === null) return;
    const callId = call?.id ?? null;
    if (callId !== null) keepPlace({ callId, legId: this.legId, userId: this.options.userId, epochs: this.epochs });
  }

  private follow(state: CallShape): void {
    if (this.isOver()) return;
    const call = this.current(state);
    this.call.value = call;
    this.keep();
    if (call.status === "ended") {
      this.finish({ reason: call.end_reason ?? "hangup" });
      return;
    }
    const leg = participantOf(call, this.options.userId)?.leg ?? null;
    if (leg?.id === this.legId) this.isNamed = true;
    else if (this.isNamed) {
      // Taken over by another device, or taken out of the conversation.
      this.finish({ reason: leg === null ? "left" : "moved" });
      return;
    }
    this.plane.peek()?.follow(call);
    const generation = this.plane.peek()?.arrives().generation;
    if (generation !== undefined && generation !== this.toldGeneration) this.beatSoon();
  }

  /** With what its legs have told since, which may come before a state that does not know of it. */
  private current(call: CallShape): CallShape {
    const participants = call.participants.map((one) => {
      const told = one.leg === null ? undefined : this.told.get(one.leg.id);
      const isNewer = told !== undefined && one.leg !== null && told.switched > one.leg.switched;
      return isNewer && one.leg !== null ? { ...one, leg: { ...one.leg, ...told } } : one;
    });
    return { ...call, participants };
  }

  private beatSoon(): void {
    if (this.phase.peek() !== "in") return;
    clearTimeout(this.soon);
    this.soon = setTimeout(() => void this.beat(), CHANGE_MS);
  }

  /** A sign of life, with what this leg sends and hears. */
  private async beat(): Promise<void> {
    const call = this.call.peek();
    if (call === null || this.legId === null || this.phase.peek() !== "in") return;
    clearTimeout(this.beatTimer);
    this.beatTimer = setTimeout(() => void this.beat(), Math.min(limit("call_beat_seconds") * 1_000, RAREST_BEAT_MS));
    const state = this.state(call);
    this.toldGeneration = state.generation;
    const report = this.beats++ % REPORT_EVERY === REPORT_EVERY - 1 ? (this.plane.peek()?.report() ?? null) : null;
    const body = { ...state, ...(report !== null && { report: report satisfies Report }) };
    const socket = currentSocket.peek();
    try {
      if (socket?.state.peek().state === "live") await socket.command("call.beat", { call_id: call.id, ...body });
      else await server.sendBeat(call.id, body);
    } catch (error) {
      if (error instanceof ApiError && (error.code === "call_over" || error.code === "not_found")) await this.ask(call.id);
      // Anything else: the next one tells the same.
    }
  }

  private state(call: CallShape) {
    const plane = this.plane.peek();
    return {
      ...this.switches.peek(),
      leg_id: this.legId ?? "",
      waits_for_permission: this.waitsForPermission,
      ...(plane?.arrives() ?? { generation: call.generation, media_from: [] }),
    };
  }

  /** The server knows something that has not come by the stream. */
  private async ask(callId: string): Promise<void> {
    const { board } = this.options;
    const mark = board.mark();
    try {
      this.follow(board.put(await server.callStatus(callId), mark));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) this.finish({ reason: "removed" });
    }
  }

  private async complain(reason: "no_media" | "ice_failed"): Promise<void> {
    const call = this.call.peek();
    const socket = currentSocket.peek();
    if (call === null || socket?.state.peek().state !== "live") return;
    const generation = this.plane.peek()?.generation ?? call.generation;
    // What comes of it comes with the call's next state; where there is no other way, that is a sentence.
    const asked = { call_id: call.id, leg_id: this.legId, generation, reason, media_from: this.plane.peek()?.hears() ?? [] };
    await socket.command("call.fallback", asked).catch(() => undefined);
  }
}
