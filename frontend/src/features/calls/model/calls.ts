/** One person's calls in this tab: those that ring, the one this tab is in, and what was missed. */
import { batch, computed, effect, signal, untracked } from "@preact/signals";

import { ApiError } from "@/lib/api";
import { currentSocket, subscribe } from "@/lib/realtime";
import type { Frame } from "@/lib/realtime";
import { serverTime } from "@/lib/serverClock";
import { uuid } from "@/lib/uuid";

import { missed } from "../missed";
import * as server from "./api";
import { CallBoard } from "./board";
import { afterReload } from "./epochs";
import type { Epochs } from "./epochs";
import { sendHangUp } from "./hangUp";
import { deviceKey, keepHangUp, keepPlace, keptHangUps, keptPlace, renameDevice } from "./kept";
import type { Place } from "./kept";
import type { CallSession } from "./session";
import { isLive, participantOf, present } from "./shapes";
import type { CallShape, CallState, CallType, SignalFrame, Switched } from "./shapes";
import { Tabs } from "./tabs";

export interface CallTarget {
  conversationId: string;
  /** Whom or what one calls, for the first picture. */
  title: string;
}

/** Fetched once; a line that broke meanwhile is tried again at the next press. */
export type LoadMedia = () => Promise<typeof import("../media")>;

export class Calls {
  readonly board = new CallBoard();
  readonly session = signal<CallSession | null>(null);
  /** Calls that ring here: by the server's clock, never by an old event. */
  readonly ringing = computed(() => [...this.board.live.value.values()].filter((call) => this.rings(call)));
  /** The call this tab was in before it was loaded anew; sound needs a press. */
  readonly goBackTo = signal<Place | null>(null);
  readonly tabs: Tabs;
  /** A call that could not be begun because another device of mine is in it. */
  readonly moveOffer = signal<(CallTarget & { callId: string; callType: CallType }) | null>(null);
  /** What kept a call from beginning or being answered. */
  readonly refusal = signal<unknown>(null);

  private readonly now = signal(serverTime());
  private clockTimer: ReturnType<typeof setTimeout> | undefined;
  private holdTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly silenced = signal<ReadonlySet<string>>(new Set());
  private readonly endings: (() => void)[] = [];

  constructor(
    readonly userId: string,
    private readonly loadMedia: LoadMedia = () => import("../media"),
  ) {
    this.tabs = new Tabs(uuid());
    this.goBackTo.value = keptPlace(userId);
    const listen = (type: string, hear: (frame: Frame) => void) => this.endings.push(subscribe(type, hear));
    listen("call.state", ({ payload }) => this.hear(payload as CallState));
    for (const type of ["call.offer", "call.answer", "call.ice"]) {
      listen(type, ({ payload }) => this.session.peek()?.take(type, payload as SignalFrame));
    }
    listen("call.end", ({ payload }) => {
      this.ended(payload as Ended);
    });
    listen("call.media", ({ payload }) => {
      const told = payload as Switched & { leg_id: string };
      this.session.peek()?.switched(told.leg_id, told);
    });
    listen("call.minutes", ({ payload }) => {
      const { call_id, seconds_left } = payload as { call_id: string; seconds_left: number };
      const session = this.session.peek();
      if (session?.call.peek()?.id === call_id) session.secondsLeft.value = seconds_left;
    });
    this.endings.push(
      effect(() => {
        if (currentSocket.value?.state.value.state === "live") untracked(() => void this.catchUp());
      }),
      effect(() => this.tabs.enter(this.session.value?.isOver() === false ? (this.session.value.call.value?.id ?? null) : null)),
      effect(() => {
        // A duplicated tab took the other one's place along: that one is in the call, and this is another device.
        if (this.tabs.elsewhere.value === null || this.tabs.elsewhere.value !== this.goBackTo.value?.callId) return;
        untracked(() => this.forgetPlace());
        renameDevice();
      }),
      effect(() => this.watchClock()),
    );
    const leaving = () => this.session.peek()?.leaving();
    window.addEventListener("pagehide", leaving);
    this.endings.push(() => window.removeEventListener("pagehide", leaving));
  }

  /** My live leg on some device: null when I am in no call. */
  readonly mine = computed(() => {
    for (const call of this.board.live.value.values()) {
      const leg = participantOf(call, this.userId)?.leg;
      if (leg) return { call, legId: leg.id };
    }
    return null;
  });

  /** A call is on its way or under way in this tab. */
  readonly isTalking = computed(() => this.session.value !== null && this.session.value.phase.value !== "over");

  in(conversationId: string): CallShape | null {
    return [...this.board.live.value.values()].find((call) => call.conversation_id === conversationId) ?? null;
  }

  /** The microphone first: nobody is rung by who cannot speak. */
  async start(target: CallTarget, callType: CallType): Promise<void> {
    const session = await this.begin(target, callType);
    if (session === null) return;
    const canSpeak = await session.local.open({ video: callType === "video" });
    if (session.isOver()) return;
    if (!canSpeak) {
      session.finish({ reason: "no_microphone" });
      return;
    }
    session.phase.value = "starting";
    const mark = this.board.mark();
    try {
      const begun = await server.startCall({
        conversation_id: target.conversationId,
        call_type: callType,
        client_id: uuid(),
        device_key: deviceKey(),
        audio_on: session.local.audioOn.peek(),
        video_on: session.local.videoOn.peek(),
      });
      this.board.put(begun.call, mark);
      if (session.isOver()) {
        // It was given up before it had begun.
        await sendHangUp(this.board, begun.call.id, begun.leg.id);
        return;
      }
      const rung = begun.call.participants.filter(({ user, response }) => user.id !== this.userId && response === "pending");
      session.isReachable.value = rung.length === 0 ? null : rung.some(({ user }) => begun.reachable.includes(user.id));
      session.enter(begun);
    } catch (error) {
      this.refused(session, error, target, callType);
    }
  }

  /** The other way round: the others fall silent first, then the browser asks. */
  async answer(call: CallShape, title: string, { video = false, move = false } = {}): Promise<void> {
    const session = await this.begin({ conversationId: call.conversation_id, title }, call.call_type);
    if (session !== null) await this.join(session, call.id, { video, move });
  }

  /** After a reload: the same device, the same leg. */
  async goBack(title: string): Promise<void> {
    const place = this.goBackTo.peek();
    const call = place === null ? undefined : this.board.get(place.callId);
    this.goBackTo.value = null;
    if (place === null || call === undefined) return;
    const target = { conversationId: call.conversation_id, title };
    const session = await this.begin(target, call.call_type, afterReload(place.epochs));
    const leg = participantOf(call, this.userId)?.leg;
    if (session !== null) await this.join(session, call.id, { video: leg?.video_on ?? false, move: false });
  }

  /** Leave the call of the page before without going back to it. */
  async leaveKept(): Promise<void> {
    const place = this.goBackTo.peek();
    this.forgetPlace();
    if (place === null) return;
    keepHangUp({ callId: place.callId, legId: place.legId, userId: this.userId, at: Date.now() });
    await sendHangUp(this.board, place.callId, place.legId);
  }

  /** Whoever hangs up needs no word about the end. */
  async hangUp(forEveryone = false): Promise<void> {
    const session = this.session.peek();
    this.session.value = null;
    await session?.hangUp(forEveryone);
  }

  async reject(call: CallShape): Promise<void> {
    this.silence(call.id);
    const mark = this.board.mark();
    try {
      this.board.put(await server.rejectCall(call.id), mark);
    } catch (error) {
      this.overtaken(error, mark);
    }
  }

  /** No tone here, for this call. */
  silence(callId: string): void {
    this.silenced.value = new Set([...this.silenced.value, callId]);
  }

  isSilenced(callId: string): boolean {
    return this.silenced.value.has(callId);
  }

  /** What is left of a call that is over: its last words. */
  dismiss(): void {
    if (this.session.peek()?.isOver()) this.session.value = null;
  }

  close(): void {
    clearTimeout(this.clockTimer);
    clearTimeout(this.holdTimer);
    for (const end of this.endings) end();
    this.session.peek()?.finish({ reason: "signed_out" });
    this.session.value = null;
    this.tabs.close();
    this.board.clear();
  }

  private async begin(target: CallTarget, callType: CallType, epochs?: Epochs): Promise<CallSession | null> {
    const before = this.session.peek();
    if (before !== null && !before.isOver()) await before.hangUp();
    this.refusal.value = null;
    this.moveOffer.value = null;
    try {
      const media = await this.loadMedia();
      const session = new media.CallSession({ userId: this.userId, board: this.board, media, callType, ...(epochs && { epochs }), ...target });
      this.session.value = session;
      return session;
    } catch (error) {
      this.refusal.value = error;
      return null;
    }
  }

  private async join(session: CallSession, callId: string, { video, move }: { video: boolean; move: boolean }): Promise<void> {
    session.phase.value = "starting";
    session.setWaiting(true);
    const mark = this.board.mark();
    try {
      const key = deviceKey();
      // The fifth and every further person come muted.
      const here = this.board.get(callId);
      if (here && present(here).filter(({ user }) => user.id !== this.userId).length >= MUTED_FROM) session.local.setAudio(false);
      const switches = { audio_on: session.local.audioOn.peek(), video_on: false };
      const entry = await server.answerCall(callId, { device_key: key, move, ...switches });
      this.board.put(entry.call, mark);
      if (session.isOver()) {
        await sendHangUp(this.board, entry.call.id, entry.leg.id);
        return;
      }
      session.enter(entry);
      await session.local.open({ video });
      session.setWaiting(false);
    } catch (error) {
      this.overtaken(error, mark);
      session.finish({ error, isAnswer: true });
    }
  }

  private refused(session: CallSession, error: unknown, target: CallTarget, callType: CallType): void {
    this.overtaken(error, this.board.mark());
    const call = callIn(error);
    if (call !== null && error instanceof ApiError && error.code === "call_exists") {
      this.moveOffer.value = { ...target, callId: call.id, callType };
      session.finish({ reason: "elsewhere" });
    } else session.finish({ error, isAnswer: false });
  }

  /** A refusal may bring the call as it is. */
  private overtaken(error: unknown, mark: number): void {
    const call = callIn(error);
    if (call !== null) this.board.put(call, mark);
  }

  /** Who was taken out of the conversation hears nothing more of its call but this. */
  private ended({ call_id: id, user_id: whose, reason }: Ended): void {
    if (whose === this.userId && (reason === "removed" || reason === "blocked")) {
      const session = this.session.peek();
      if (session?.call.peek()?.id === id) session.finish({ reason });
      if (this.goBackTo.peek()?.callId === id) this.forgetPlace();
      this.board.drop(id);
    } else if (this.board.get(id)?.status === "ringing") void this.catchUp();
  }

  private hear({ call }: CallState): void {
    const wasPending = participantOf(call, this.userId)?.response;
    batch(() => this.board.apply(call));
    if (call.id === this.goBackTo.peek()?.callId && participantOf(call, this.userId)?.leg == null) this.forgetPlace();
    if (call.status === "ended" && wasPending === "missed") void this.countMissed();
  }

  /** Hang-ups that were not heard come first; then what rings and runs. */
  private async catchUp(): Promise<void> {
    for (const { callId, legId } of keptHangUps(this.userId)) await sendHangUp(this.board, callId, legId);
    const mark = this.board.mark();
    try {
      const calls = await server.liveCalls();
      for (const id of this.board.replace(calls, mark)) void this.ask(id);
      const place = this.goBackTo.peek();
      const back = place && this.board.get(place.callId);
      if (place && (!back || participantOf(back, this.userId)?.leg?.id !== place.legId)) this.forgetPlace();
      else if (place) this.hold(place, Date.now());
    } catch {
      // The next connection asks again.
    }
    void this.countMissed();
  }

  /** A page that goes has ten seconds; while somebody looks for the button that leads back, the place is kept. */
  private hold(place: Place, since: number): void {
    clearTimeout(this.holdTimer);
    if (this.goBackTo.peek() !== place || Date.now() - since > HOLD_MS) return;
    const { callId, legId } = place;
    const nothing = { audio_on: false, video_on: false, screen_on: false, media_from: [] };
    const generation = this.board.get(callId)?.generation ?? 1;
    const beat = { leg_id: legId, generation, waits_for_permission: true, ...nothing };
    void server.sendBeat(callId, beat).catch((error: unknown) => {
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) this.forgetPlace();
    });
    this.holdTimer = setTimeout(() => this.hold(place, since), HOLD_EVERY_MS);
  }

  private forgetPlace(): void {
    const place = this.goBackTo.peek();
    this.goBackTo.value = null;
    if (place !== null && this.session.peek() === null) keepPlace(null);
  }

  /** Of a call that is not among those of my conversations: it is over, or I am not there any more. */
  private async ask(id: string): Promise<void> {
    const mark = this.board.mark();
    try {
      const call = await server.callStatus(id);
      this.board.put(call, mark);
      if (isLive(call)) this.board.drop(id);
    } catch {
      this.board.drop(id);
    }
  }

  private async countMissed(): Promise<void> {
    missed.value = await server.missedCount().catch(() => missed.peek());
  }

  private rings(call: CallShape): boolean {
    if (call.status !== "ringing" || this.now.value >= Date.parse(call.ring_until)) return false;
    return participantOf(call, this.userId)?.response === "pending" && call.initiator?.id !== this.userId;
  }

  /** At the end of the next ring the list of those that ring is looked at again. */
  private watchClock(): void {
    const live = [...this.board.live.value.values()];
    untracked(() => {
      clearTimeout(this.clockTimer);
      const now = serverTime();
      this.now.value = now;
      const ends = live.filter(({ status }) => status === "ringing").map(({ ring_until }) => Date.parse(ring_until));
      const next = Math.min(...ends.filter((end) => end > now));
      if (Number.isFinite(next)) this.clockTimer = setTimeout(() => this.watchClock(), next - now + 50);
    });
  }
}

interface Ended {
  call_id: string;
  user_id: string | null;
  reason: string;
}

const MUTED_FROM = 4;
const HOLD_MS = 60_000;
const HOLD_EVERY_MS = 8_000;

function callIn(error: unknown): CallShape | null {
  const call = error instanceof ApiError ? error.context.call : null;
  return typeof call === "object" && call !== null && "id" in call ? (call as CallShape) : null;
}

