/** What the first screen can do without: fetched when it is first shown. */
import { lazily } from "@/ui";

export const RenameDialog = lazily(async () => (await import("./list/RenameDialog")).RenameDialog);
export const SettingsDialog = lazily(async () => (await import("./conversation/SettingsDialog")).SettingsDialog);
export const ShareDialog = lazily(async () => (await import("./sharing/ShareDialog")).ShareDialog);
export const BlindNote = lazily(async () => (await import("./models/BlindNote")).BlindNote);
export const EndedNote = lazily(async () => (await import("./models/EndedNote")).EndedNote);
