/** The props of what other folders of the messenger draw, see `points.tsx`. Everything but `StoryBar` is there only while shown. */
import type { ShownMessage } from "./model";

export interface NewConversationDialogProps {
  start: "people" | "group";
  onClose: () => void;
  onOpened: (conversationId: string) => void;
}

export interface ConversationPanelProps {
  conversationId: string;
  onClose: () => void;
  /** Search this conversation. */
  onSearch: () => void;
  /** Show a message in the timeline, such as a pinned one. */
  onJump: (seq: number) => void;
  onOpened: (conversationId: string) => void;
}

export interface MessageSearchProps {
  /** Trimmed, at least two characters, after a pause in the typing. */
  query: string;
  conversationId: string | null;
  onOpen: (conversationId: string, seq: number) => void;
}

export type StoryBarProps = Record<string, never>;

export interface MediaViewerProps {
  conversationId: string;
  message: ShownMessage;
  onClose: () => void;
  onForward: (message: ShownMessage) => void;
  onJump: (seq: number) => void;
}

export interface VoiceRecorderProps {
  onDone: (file: File) => void;
  onCancel: () => void;
}

export interface ForwardDialogProps {
  message: ShownMessage;
  onClose: () => void;
}
