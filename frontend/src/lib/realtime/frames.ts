/** The envelope of the socket, both ways. */
export interface Frame {
  type: string;
  payload: unknown;
  /** The id of a conversation; events of the user's own stream have none. */
  room?: string;
  /** Durable events only. */
  seq?: number;
  /** Of a command and its answer. */
  id?: string;
}

export type DurableFrame = Frame & { seq: number };

/** Null for what is not a frame: a newer server may say things this client does not know. */
export function parseFrame(text: unknown): Frame | null {
  if (typeof text !== "string") return null;
  try {
    const frame: unknown = JSON.parse(text);
    return isFrame(frame) ? frame : null;
  } catch {
    return null;
  }
}

export function isDurable(frame: Frame): frame is DurableFrame {
  return typeof frame.seq === "number";
}

/** The stream an event belongs to. */
export function streamOf(frame: Frame, userId: string): string {
  return frame.room === undefined ? userStream(userId) : conversationStream(frame.room);
}

export function conversationStream(id: string): string {
  return `c:${id}`;
}

export function userStream(id: string): string {
  return `u:${id}`;
}

/** The conversation a stream is about; null for a person's own stream. */
export function conversationIn(stream: string): string | null {
  return stream.startsWith("c:") ? stream.slice(2) : null;
}

function isFrame(value: unknown): value is Frame {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}
