/** Parts of the messenger that are not needed at first: each is fetched when it is first shown. */
import { lazily } from "@/ui";

export const NewConversationDialog = lazily(
  async () => (await import("./dialogs/NewConversationDialog")).NewConversationDialog,
);
export const ForwardDialog = lazily(async () => (await import("./dialogs/ForwardDialog")).ForwardDialog);
export const ConversationPanel = lazily(async () => (await import("./group/ConversationPanel")).ConversationPanel);
export const MessageSearch = lazily(async () => (await import("./search/MessageSearch")).MessageSearch);
export const MediaViewer = lazily(async () => (await import("./viewer/MediaViewer")).MediaViewer);
export const QuotedStory = lazily(async () => (await import("./stories/QuotedStory")).QuotedStory);
export const EmojiPicker = lazily(async () => (await import("./emoji/EmojiPicker")).default);
export const VoiceRecorder = lazily(async () => (await import("./recorder/VoiceRecorder")).VoiceRecorder);
