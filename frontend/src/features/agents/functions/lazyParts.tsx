/** Dialogs whose code is fetched when they are opened. */
import { lazily } from "@/ui";

export const FunctionDialog = lazily(async () => (await import("./FunctionDialog")).FunctionDialog);
export const TestDialog = lazily(async () => (await import("./TestDialog")).TestDialog);
export const SourceDialog = lazily(async () => (await import("../sources/SourceDialog")).SourceDialog);
export const PickDialog = lazily(async () => (await import("../sources/PickDialog")).PickDialog);
export const ApproveDialog = lazily(async () => (await import("../sources/ApproveDialog")).ApproveDialog);
