/** What these pieces need of a user; the server's `Person` fits. */
export interface PersonLike {
  id: string;
  name: string;
  username?: string | null;
  avatar_url: string;
  kind: "human" | "agent";
}

/** `last_seen` is null for somebody who was never here, or does not tell. */
export interface Presence {
  online: boolean;
  lastSeen: string | null;
}
