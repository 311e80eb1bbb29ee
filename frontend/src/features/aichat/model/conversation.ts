import { computed, signal } from "@preact/signals";

import { api, ApiError, readError } from "@/lib/api";
import type { Page, UploadedFile } from "@/lib/api";
import { serverTime } from "@/lib/serverClock";
import { uuid } from "@/lib/uuid";

import type {
  Chat,
  ChatChange,
  Continuation,
  DoneFrame,
  Message,
  NewChat,
  NewMessage,
  Regeneration,
  StartFrame,
} from "../shapes";
import * as server from "./api";
import { localMessage, MessageModel, spent, type Redo } from "./message";
import { dropChat, isUnreachable, keepChat, keptChat } from "./offline";
import { AnswerRun, type Opening, type RunEnd } from "./run";
import { isRunning, prepend, replaceWith, upTo, type Thread } from "./thread";

export interface Outgoing {
  readonly content: string;
  readonly attachments: readonly UploadedFile[];
}

/** A question that is back where it was written. */
export interface Returned {
  readonly message: Message;
  /** Its model declined to answer, or another answer was being written. */
  readonly why: "declined" | "busy";
}

/** The server tells devices of what took longer than 20 s. */
const FRESH_AFTER_MS = 15_000;

/** Other tabs may ask at the same time; whoever loses so often in a row is told. */
const MOST_MOVES = 5;

/** What the rest of the feature wants to hear about. */
export interface ConversationEvents {
  /** A new chat got its first message and with it an id. */
  onCreated(conversation: Conversation, chat: Chat): void;
  onChat(chat: Chat): void;
  /** An answer ended, well or not: tokens were spent and a title may come. */
  onAnswered(conversation: Conversation): void;
}

/** One chat: its visible branch, what may be loaded above it, and the answer on its way. */
export class Conversation {
  readonly key = uuid();
  readonly chat = signal<Chat | null>(null);
  /** What a new chat will be created with. */
  readonly plans = signal<NewChat>({});
  readonly thread = signal<Thread>([]);
  readonly state = signal<"new" | "loading" | "ready" | "failed">("new");
  readonly loadError = signal<unknown>(null);
  /** The page that reaches back the furthest. */
  readonly oldest = signal<Page<Message> | null>(null);
  readonly hasOlder = computed(() => typeof this.oldest.value?.next === "string");
  readonly loading = signal(false);
  /** Why the page before did not come. */
  readonly trouble = signal<unknown>(null);
  /** The id of a message that somebody asked to see. */
  readonly wanted = signal<string | null>(null);
  /** The answer on its way. */
  readonly run = signal<AnswerRun | null>(null);
  /** The message that is being written anew. */
  readonly editing = signal<MessageModel | null>(null);
  readonly returned = signal<Returned | null>(null);
  /** When this was so: the server cannot be reached, and it is shown as it was kept here. Null: it is up to date. */
  readonly asOf = signal<string | null>(null);
  readonly model = computed(() => this.chat.value?.model ?? this.plans.value.model);
  /** The effort this chat asks for; null: the model's own. */
  readonly effort = computed(() => (this.chat.value ?? this.plans.value).effort ?? null);
  /** How to be answered is being chosen: what it costs is told though nothing is written yet. */
  readonly isChoosing = signal(false);
  private readonly sending = signal(false);
  /** Nothing can be asked now: an answer is on its way, or the request for one is. */
  readonly busy = computed(() => this.run.value !== null || this.sending.value);
  /** Of the chat this is, or is about to show; null for one that does not exist yet. */
  id: string | null = null;

  constructor(private readonly events: ConversationEvents) {}

  get leaf(): MessageModel | undefined {
    return this.thread.value.at(-1);
  }

  async load(id: string): Promise<void> {
    this.id = id;
    this.state.value = "loading";
    try {
      const [chat, page] = await Promise.all([server.readChat(id), server.listMessages(id)]);
      this.chat.value = chat;
      this.asOf.value = null;
      this.showNewest(page);
      this.state.value = "ready";
    } catch (error) {
      if (isUnreachable(error) && (await this.showKept(id))) return;
      if (error instanceof ApiError && error.status === 404) dropChat(id);
      this.loadError.value = error;
      this.state.value = "failed";
    }
  }

  /** Something happened to the chat elsewhere: show it as it is now. Rejects with the server's 404 when it is gone. */
  async catchUp(): Promise<void> {
    const before = this.chat.value;
    if (before === null) return;
    if (this.asOf.value !== null) return this.load(before.id);
    const chat = await server.readChat(before.id);
    this.receiveChat(chat);
    const { leaf } = this;
    // What is not sent yet stands below what the server has, and is put there when it is sent.
    if (this.busy.value || leaf?.isLocal === true) return;
    const isOver = leaf !== undefined && (isRunning(leaf.data.value) || leaf.phase.value === "lost");
    if (isOver || (leaf?.id ?? null) !== chat.active_message_id) await this.reload();
  }

  /** Read the branch again, as after a switch, and attach to its answer if one is running. */
  async reload(): Promise<void> {
    const chat = this.chat.value;
    if (chat !== null) this.showNewest(await server.listMessages(chat.id));
  }

  /** One page more of what was said before; a failure is kept in `trouble` and thrown. */
  async loadOlder(): Promise<void> {
    const oldest = this.oldest.value;
    if (oldest === null || this.loading.value) return;
    this.loading.value = true;
    this.trouble.value = null;
    try {
      const page = await api.nextPage(oldest);
      // Another branch may be shown by now.
      if (page === null || this.oldest.value !== oldest) return;
      this.thread.value = prepend(this.thread.value, page.results);
      this.oldest.value = page;
    } catch (error) {
      this.trouble.value = error;
      throw error;
    } finally {
      this.loading.value = false;
    }
  }

  /** Send below `parentId`; absent means below the last message, null a new first message. */
  async send(outgoing: Outgoing, parentId?: string | null): Promise<void> {
    if (this.busy.value) return;
    this.isChoosing.value = false;
    this.returned.value = null;
    const clientId = uuid();
    const above = parentId === undefined ? this.thread.value : upTo(this.thread.value, parentId);
    const { content, attachments } = outgoing;
    const parent_id = parentId === undefined ? (above.at(-1)?.id ?? null) : parentId;
    const message = new MessageModel(localMessage("user", clientId, { content, attachments: [...attachments], parent_id }));
    const answer = this.awaitAnswer([...above, message], clientId);
    const body = {
      content,
      client_id: clientId,
      attachments: attachments.map((file) => file.id),
      ...(parentId !== undefined && { parent_id: parentId }),
    };
    await this.begin(answer, async (change) => {
      const chat = await this.ensureChat();
      // The same client id each time: if the server has it already, this attaches instead of sending twice.
      await this.follow(chat.id, answer, { open: (signal) => this.ask(chat.id, message, { ...body, ...change }, signal) });
    });
  }

  async regenerate(message: MessageModel, otherwise: Regeneration = {}): Promise<void> {
    const chat = this.chat.value;
    if (chat === null || this.busy.value) return;
    const id = message.id;
    const above = upTo(this.thread.value, message.data.value.parent_id);
    // Asked anew it is sent on, as the server has it, too.
    const question = above.at(-1);
    if (question?.data.value.withheld === true) question.data.value = { ...question.data.value, withheld: false };
    this.returned.value = null;
    const answer = this.awaitAnswer(above, uuid());
    await this.begin(answer, (change) =>
      this.follow(chat.id, answer, {
        openOnce: true,
        open: (signal) => server.openRegeneration(chat.id, id, { ...otherwise, ...change }, signal),
      }),
    );
  }

  async continueAnswer(answer: MessageModel, otherwise: Continuation = {}): Promise<void> {
    const chat = this.chat.value;
    if (chat === null || this.busy.value) return;
    answer.data.value = { ...answer.data.value, status: "pending", error: null, finish_reason: null };
    await this.begin(answer, (change) =>
      this.follow(chat.id, answer, {
        openOnce: true,
        open: (signal) => server.openContinuation(chat.id, answer.id, { ...otherwise, ...change }, signal),
      }),
    );
  }

  /** Follow an answer that runs at the server. */
  async attach(answer: MessageModel): Promise<void> {
    const chat = this.chat.value;
    if (chat !== null && this.run.value === null) await this.follow(chat.id, answer);
  }

  /** The last answer is before the person's eyes. */
  async see(answer: MessageModel): Promise<void> {
    if (this.id === null || !(answer.isFresh.value || answer.data.value.unseen)) return;
    answer.isFresh.value = false;
    answer.data.value = { ...answer.data.value, unseen: false };
    await server.markSeen(this.id, answer.id);
  }

  async stop(): Promise<void> {
    await this.run.value?.stop();
  }

  async change(change: ChatChange): Promise<void> {
    const chat = this.chat.value;
    if (chat === null) {
      this.plans.value = { ...this.plans.value, ...(change as NewChat) };
      return;
    }
    this.receiveChat(await server.changeChat(chat.id, change));
  }

  async switchBranch(messageId: string): Promise<void> {
    this.detach();
    await this.change({ active_message_id: messageId });
    await this.reload();
  }

  /** Take back a message that never reached the server, so that it can be written differently. */
  withdraw(answer: MessageModel): Message | null {
    const index = this.thread.value.indexOf(answer);
    const message = this.thread.value[index - 1];
    if (!answer.isLocal || message?.isLocal !== true) return null;
    this.thread.value = this.thread.value.slice(0, index - 1);
    return message.data.value;
  }

  receiveChat(chat: Chat): void {
    this.chat.value = chat;
    this.events.onChat(chat);
  }

  detach(): void {
    this.run.value?.detach();
    this.run.value = null;
  }

  /** Ask below what is shown; when the chat has gone on elsewhere, show that first and ask below it. */
  private async ask(chatId: string, question: MessageModel, body: NewMessage, signal: AbortSignal): Promise<Response> {
    for (let moves = 0; ; moves++) {
      const above = this.thread.value.slice(0, this.thread.value.indexOf(question));
      const leaf = body.parent_id === undefined ? above.findLast((message) => !message.isLocal) : undefined;
      const response = await server.openAnswer(chatId, { ...body, ...(leaf && { leaf_id: leaf.id }) }, signal);
      if (response.status !== 409 || moves === MOST_MOVES) return response;
      if ((await readError(response.clone())).code !== "chat_moved") return response;
      const page = await server.listMessages(chatId);
      const unsent = this.thread.value.slice(above.length);
      this.thread.value = [...replaceWith(above, page.results), ...unsent];
      this.oldest.value = page;
    }
  }

  private async showKept(id: string): Promise<boolean> {
    const kept = await keptChat(id);
    if (kept === undefined) return false;
    this.chat.value = kept.chat;
    this.thread.value = replaceWith([], kept.newestFirst);
    this.oldest.value = null;
    this.asOf.value = kept.at;
    this.state.value = "ready";
    return true;
  }

  /** For when there is no connection; while an answer is written it is not worth keeping. */
  private keep(): void {
    const named = this.thread.value.filter((message) => !message.isLocal);
    if (this.chat.value !== null) keepChat(this.chat.value, named.map((message) => message.data.value).reverse());
  }

  private showNewest(page: Page<Message>): void {
    this.thread.value = replaceWith(this.thread.value, page.results);
    this.oldest.value = page;
    this.keep();
    const { leaf } = this;
    if (leaf !== undefined && isRunning(leaf.data.value)) void this.attach(leaf);
  }

  private awaitAnswer(above: Thread, clientId: string): MessageModel {
    const parent_id = above.at(-1)?.id ?? null;
    const answer = new MessageModel(localMessage("assistant", clientId, { parent_id }), "waiting");
    this.thread.value = [...above, answer];
    this.state.value = "ready";
    return answer;
  }

  /** Do something that leads to an answer; what fails is shown in the answer's place, with a way to do it again. */
  private async begin(answer: MessageModel, action: (change: Redo) => Promise<void>, change: Redo = {}): Promise<void> {
    answer.redo = (otherwise = change) => {
      answer.phase.value = "waiting";
      answer.data.value = { ...answer.data.value, error: null, status: "pending" };
      void this.begin(answer, action, otherwise);
    };
    this.sending.value = true;
    try {
      await action(change);
    } catch (error) {
      this.fail(answer, error as ApiError);
    } finally {
      this.sending.value = false;
    }
  }

  private async ensureChat(): Promise<Chat> {
    if (this.chat.value !== null) return this.chat.value;
    const chat = await server.createChat(this.plans.value);
    this.chat.value = chat;
    this.id = chat.id;
    this.events.onCreated(this, chat);
    return chat;
  }

  private async follow(chatId: string, answer: MessageModel, opening?: Opening): Promise<void> {
    const run = new AnswerRun(answer, chatId, {
      onStart: (frame) => this.start(answer, frame),
      onEnd: (end) => this.end(run, end, opening?.openOnce === true),
    });
    this.run.value = run;
    await run.follow(opening);
  }

  private start(answer: MessageModel, { user_message, message, notice, succeeded }: StartFrame): void {
    const above = this.thread.value[this.thread.value.indexOf(answer) - 1];
    if (user_message !== null) above?.adopt(user_message);
    answer.adopt(message);
    answer.notice.value = notice;
    answer.succeeded.value = succeeded;
    answer.redo = null;
  }

  private end(run: AnswerRun, end: RunEnd, openedOnce: boolean): void {
    const { answer } = run;
    // A server that is told once too often does nothing.
    answer.isFresh.value = serverTime() - Date.parse(answer.data.value.created_at) > FRESH_AFTER_MS;
    if (end.kind === "done") this.finish(answer, end.frame);
    else if (end.kind === "error") this.fail(answer, end.error);
    else if (end.kind === "unreachable") this.lose(answer, openedOnce);
    else void this.reload().then(() => answer.settle({}));
    if (this.run.value === run) this.run.value = null;
    if (end.kind === "error" && end.error.code === "answer_running" && answer.isLocal) this.giveBack(answer);
    else this.keep();
    this.events.onAnswered(this);
  }

  /** Another tab or device was faster: its answer is shown, and the words go back to where they were written. */
  private giveBack(answer: MessageModel): void {
    const index = this.thread.value.indexOf(answer);
    const question = this.thread.value[index - 1];
    if (question?.isLocal !== true) return;
    this.thread.value = this.thread.value.slice(0, index - 1);
    this.returned.value = { message: question.data.value, why: "busy" };
    this.reload().catch(() => undefined);
  }

  /** What a model declined is not part of later prompts, and its question may be put otherwise. */
  private finish(answer: MessageModel, frame: DoneFrame): void {
    answer.finish(frame);
    if (frame.finish_reason !== "refusal") return;
    const question = this.thread.value[this.thread.value.indexOf(answer) - 1];
    for (const message of [question, answer]) if (message) message.data.value = { ...message.data.value, withheld: true };
    if (question) this.returned.value = { message: question.data.value, why: "declined" };
  }

  /** The person decides when to try again; how depends on whether asking twice is harmless. */
  private lose(answer: MessageModel, openedOnce: boolean): void {
    if (!answer.isLocal) answer.redo = () => void this.attach(answer);
    else if (openedOnce) answer.redo = () => void this.reload();
    answer.phase.value = "lost";
  }

  private fail(answer: MessageModel, error: ApiError): void {
    const { message, code, context, retryAfter } = error;
    answer.settle({ ...ended(context), error: { ...context, error: message, code, retry_after: retryAfter } });
  }
}

/** How the answer stands and what it cost, by an error event; a request that was refused as a whole says neither. */
function ended(context: Readonly<Record<string, unknown>>): Partial<Message> {
  const { status = "failed" } = context as Partial<Message>;
  return { ...spent(context), status };
}
