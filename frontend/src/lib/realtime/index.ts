export { backoff } from "./backoff";
export type { EndReason } from "./closes";
export { conversationIn, conversationStream, userStream } from "./frames";
export type { DurableFrame, Frame } from "./frames";
export { onNews } from "./news";
export type { Reset, SocketState } from "./options";
export { Positions } from "./positions";
export { RealtimeSocket } from "./socket";
