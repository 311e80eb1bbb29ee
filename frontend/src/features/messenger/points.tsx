/** Where the parts of the messenger that live in folders of their own are hung in; each is fetched when it is first shown. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

import { toast } from "@/ui";

import type {
  ConversationPanelProps,
  ForwardDialogProps,
  MediaViewerProps,
  MessageSearchProps,
  NewConversationDialogProps,
  VoiceRecorderProps,
} from "./points.types";
import { t } from "./people/words";

export { StoryBar } from "./stories/StoryBar";

/** Draws nothing until its code is there; a line that breaks meanwhile is told, and the next showing tries again. */
function lazily<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [Part, setPart] = useState(() => loaded);
    useEffect(() => {
      if (loaded !== null) return;
      load().then(
        (part) => {
          loaded = part;
          setPart(() => part);
        },
        () => toast(t("notLoaded"), { tone: "danger" }),
      );
    }, []);
    return Part === null ? null : <Part {...props} />;
  };
}

export const NewConversationDialog = lazily<NewConversationDialogProps>(
  async () => (await import("./dialogs/NewConversationDialog")).NewConversationDialog,
);
export const ForwardDialog = lazily<ForwardDialogProps>(
  async () => (await import("./dialogs/ForwardDialog")).ForwardDialog,
);
export const ConversationPanel = lazily<ConversationPanelProps>(
  async () => (await import("./group/ConversationPanel")).ConversationPanel,
);
export const MessageSearch = lazily<MessageSearchProps>(
  async () => (await import("./search/MessageSearch")).MessageSearch,
);
export const MediaViewer = lazily<MediaViewerProps>(async () => (await import("./viewer/MediaViewer")).MediaViewer);
export const VoiceRecorder = lazily<VoiceRecorderProps>(
  async () => (await import("./recorder/VoiceRecorder")).VoiceRecorder,
);
