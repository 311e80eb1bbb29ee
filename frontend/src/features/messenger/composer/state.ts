/** What is being written in one conversation: words, files, and what they answer or change. */
import { computed, effect, signal } from "@preact/signals";

import { limit } from "@/lib/config";
import { errorText } from "@/lib/errorText";
import { outgoingText } from "@/lib/text";
import { uuid } from "@/lib/uuid";
import { toast } from "@/ui";

import type { ConversationView, ShownMessage } from "../model";
import { sizeOf } from "../model/measures";
import { fileSize } from "../parts/format";
import type { MessageActions } from "../timeline/actions";
import { t } from "./words";

/** Files that are sent in one go, each as a message of its own. */
const MAX_FILES = 10;

export interface Attached {
  key: number;
  file: File;
  /** Object URL of a picture or a video, for the preview. */
  url: string | null;
}

export class ComposerState {
  readonly text = signal("");
  readonly files = signal<readonly Attached[]>([]);
  readonly saving = signal(false);
  readonly recording = signal(false);
  readonly length = computed(() => Array.from(this.text.value).length);
  readonly isEditing = computed(() => this.actions.mode.value?.kind === "edit");
  readonly canSend = computed(() => {
    if (this.saving.value || this.length.value > limit("max_chat_text_chars")) return false;
    return this.text.value.trim() !== "" || (this.files.value.length > 0 && !this.isEditing.value);
  });

  /** What stood in the field before a message was put there to be edited. */
  private aside: string | null = null;
  private lastKey = 0;

  constructor(
    private readonly view: ConversationView,
    private readonly actions: MessageActions,
  ) {}

  /** Take over the draft and follow it: another device may go on writing. Answers the end of it. */
  start(): () => void {
    let adopted: string | null = null;
    const endDraft = effect(() => {
      const { content, replyToId } = this.view.draft.value;
      const isUntouched = this.text.peek() === (adopted ?? "");
      if (content === adopted || this.isEditing.peek()) return;
      adopted = content;
      if (!isUntouched) return;
      this.text.value = content;
      const message = this.view.messages.peek().find(({ id }) => id === replyToId);
      if (message !== undefined) this.actions.mode.value = { kind: "reply", message };
    });
    const endMode = this.actions.mode.subscribe((mode) => this.followMode(mode));
    return () => {
      endDraft();
      endMode();
      this.view.setTyping(false);
      this.dropFiles();
    };
  }

  write(text: string): void {
    this.text.value = text;
    if (this.isEditing.peek()) return;
    this.keepDraft();
    // How often it is told, and when it ends, is the model's business.
    this.view.setTyping(text.trim() !== "");
  }

  addFiles(added: Iterable<File>): void {
    if (this.isEditing.peek()) return;
    const fitting = [...added].filter((file) => fits(file, limit("max_message_file_bytes")));
    const room = MAX_FILES - this.files.peek().length;
    if (fitting.length > room) toast(t("tooMany", { count: MAX_FILES }), { tone: "danger" });
    for (const file of fitting) void sizeOf(file);
    const attached = fitting.slice(0, room).map((file) => ({ key: ++this.lastKey, file, url: previewUrl(file) }));
    this.files.value = [...this.files.peek(), ...attached];
  }

  removeFile(key: number): void {
    for (const one of this.files.peek()) if (one.key === key && one.url !== null) URL.revokeObjectURL(one.url);
    this.files.value = this.files.peek().filter((one) => one.key !== key);
  }

  /** Escape: first what is answered or changed is let go, then the files. Whether there was anything. */
  cancel(): boolean {
    const mode = this.actions.mode.peek();
    if (mode !== null) {
      this.actions.endMode();
      if (mode.kind === "reply") this.keepDraft();
      return true;
    }
    if (this.files.peek().length === 0) return false;
    this.dropFiles();
    return true;
  }

  async submit(): Promise<void> {
    if (!this.canSend.peek()) return;
    const mode = this.actions.mode.peek();
    const content = outgoingText(this.text.peek());
    if (mode?.kind === "edit") await this.saveEdit(mode.message, content);
    else this.send(content, mode?.message ?? null);
  }

  sendVoice(file: File): void {
    this.recording.value = false;
    this.view.send({ content: "", file, messageType: "audio", replyTo: this.actions.mode.peek()?.message ?? null });
    this.actions.endMode();
  }

  private send(content: string, replyTo: ShownMessage | null): void {
    const files = this.files.peek();
    if (files.length === 0) this.view.send({ content, replyTo });
    const albumId = files.filter(({ file }) => isPicture(file)).length > 1 ? uuid() : null;
    // The words and the answer go with the first; the queue keeps the order.
    for (const [index, { file }] of files.entries()) {
      const draft = { file, ...(albumId !== null && isPicture(file) && { albumId }) };
      this.view.send(index === 0 ? { ...draft, content, replyTo } : { ...draft, content: "" });
    }
    this.text.value = "";
    this.dropFiles();
    this.view.setTyping(false);
    this.actions.endMode();
    this.view.setDraft("", null);
  }

  private async saveEdit(message: ShownMessage, content: string): Promise<void> {
    if (content === message.content) {
      this.actions.endMode();
      return;
    }
    this.saving.value = true;
    try {
      await this.view.edit(message.id, content);
      this.actions.endMode();
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
    } finally {
      this.saving.value = false;
    }
  }

  private followMode(mode: MessageActions["mode"]["value"]): void {
    if (mode?.kind === "edit") {
      this.aside ??= this.text.peek();
      this.text.value = mode.message.content;
      return;
    }
    if (this.aside !== null) {
      this.text.value = this.aside;
      this.aside = null;
    }
    if (mode?.kind === "reply" && this.view.draft.peek().replyToId !== mode.message.id) this.keepDraft();
  }

  private keepDraft(): void {
    const mode = this.actions.mode.peek();
    this.view.setDraft(this.text.peek(), mode?.kind === "reply" ? mode.message.id : null);
  }

  private dropFiles(): void {
    for (const { url } of this.files.peek()) if (url !== null) URL.revokeObjectURL(url);
    this.files.value = [];
  }
}

function fits(file: File, most: number): boolean {
  if (file.size > 0 && file.size <= most) return true;
  const { name } = file;
  toast(file.size === 0 ? t("emptyFile", { name }) : t("tooBig", { name, limit: fileSize(most) }), { tone: "danger" });
  return false;
}

/** Or a film. */
function isPicture(file: File): boolean {
  return /^(image|video)\//.test(file.type);
}

function previewUrl(file: File): string | null {
  return isPicture(file) ? URL.createObjectURL(file) : null;
}
