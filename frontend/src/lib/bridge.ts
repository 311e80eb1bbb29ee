/** What one part of the client asks of another, which it must not know: each part watches what is its own. */
import { signal } from "@preact/signals";

/** What lies over every page, of the shell's own. */
export const shellOverlay = signal<"palette" | "keys" | null>(null);

/** A text one wants to ask a model about; the chat takes it into its field. */
export const toAsk = signal<string | null>(null);

/** Files that go along with either, and what to call once they are where they cannot get lost. */
export const withFiles = signal<{ files: readonly File[]; taken: () => void } | null>(null);

/** A text that shall go to people; who can send it asks to whom. */
export const toSend = signal<string | null>(null);
