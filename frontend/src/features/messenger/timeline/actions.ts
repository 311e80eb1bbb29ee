/** What can be done with a message, and who may do it. */
import { signal } from "@preact/signals";

import { toAsk } from "@/lib/bridge";
import { copyText } from "@/lib/clipboard";
import { limit } from "@/lib/config";
import { errorText } from "@/lib/errorText";
import { navigate } from "@/lib/router";
import { toast } from "@/ui";

import type { ConversationShape, ConversationView, ShownMessage } from "../model";
import { openForward } from "../overlays";
import { MessageTranslations } from "./translations";
import { t } from "./words";

export const PALETTE = ["❤️", "👍", "😂", "😮", "😢", "😡", "🔥", "✅"] as const;

export type ComposerMode = { kind: "reply" | "edit"; message: ShownMessage } | null;

export interface Permissions {
  canReply: boolean;
  canReact: boolean;
  canCopy: boolean;
  canEdit: boolean;
  canForward: boolean;
  canPin: boolean;
  canDelete: boolean;
  canSeeReaders: boolean;
}

export function permissions(
  message: ShownMessage,
  conversation: Pick<ConversationShape, "type" | "role" | "is_blocked">,
  me: string | null,
  now = Date.now(),
): Permissions {
  const isMine = me !== null && message.sender?.id === me;
  const isAdmin = conversation.type === "group" && conversation.role === "admin";
  // Nothing but copying makes sense before the server has it.
  const isLive = message.seq !== null && !message.is_deleted && message.message_type !== "system";
  const canWrite = isLive && !conversation.is_blocked;
  return {
    canReply: canWrite,
    canReact: canWrite,
    canCopy: !message.is_deleted && message.message_type !== "system" && message.content !== "",
    canEdit: canWrite && isMine && !message.is_forwarded && now - Date.parse(message.created_at) < editWindowMs(),
    canForward: isLive,
    canPin: isLive && (conversation.type === "direct" || isAdmin),
    canDelete: isLive && (isMine || isAdmin),
    canSeeReaders: isLive && isMine && conversation.type === "group",
  };
}

/** The server lets a message be edited this long. */
function editWindowMs(): number {
  return limit("edit_window_seconds") * 1000;
}

/** The last message of one's own that can still be edited: what arrow up in an empty field means. */
export function lastEditable(
  messages: readonly ShownMessage[],
  conversation: Pick<ConversationShape, "type" | "role" | "is_blocked">,
  me: string | null,
): ShownMessage | null {
  return messages.findLast((message) => permissions(message, conversation, me).canEdit) ?? null;
}

/** Everything the rows of one timeline can ask for. */
export class MessageActions {
  readonly mode = signal<ComposerMode>(null);
  readonly deleting = signal<ShownMessage | null>(null);
  readonly readersOf = signal<ShownMessage | null>(null);
  /** To which any emoji is being chosen. */
  readonly reactingTo = signal<ShownMessage | null>(null);
  readonly translations = new MessageTranslations();

  constructor(
    private readonly view: ConversationView,
    private readonly focusComposer: () => void,
  ) {}

  reply(message: ShownMessage): void {
    this.mode.value = { kind: "reply", message };
    this.focusComposer();
  }

  edit(message: ShownMessage): void {
    this.mode.value = { kind: "edit", message };
    this.focusComposer();
  }

  endMode(): void {
    this.mode.value = null;
  }

  forward(message: ShownMessage): void {
    openForward(message);
  }

  /** Into the field of a new chat with a model, where it may still be changed. */
  askAbout(message: ShownMessage): void {
    const quoted = message.content.split("\n").map((line) => `> ${line}`);
    toAsk.value = `${t("askAiAbout")}\n\n${quoted.join("\n")}\n\n`;
    navigate("/app/chat");
  }

  react(message: ShownMessage, emoji: string): void {
    void refusing(this.view.react(message.id, emoji));
  }

  async copy(message: ShownMessage): Promise<void> {
    toast(t((await copyText(message.content)) ? "copied" : "copyFailed"));
  }

  async pin(message: ShownMessage): Promise<void> {
    await refusing(this.view.pin(message.id, !message.is_pinned));
  }

  async remove(message: ShownMessage): Promise<void> {
    if (await refusing(this.view.remove(message.id))) this.deleting.value = null;
  }

  resend(message: ShownMessage): void {
    this.view.resend(message.key);
  }

  discard(message: ShownMessage): void {
    this.view.discard(message.key);
  }
}

/** Whether it went well; a refusal is said. */
async function refusing(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    toast(errorText(error), { tone: "danger" });
    return false;
  }
}
