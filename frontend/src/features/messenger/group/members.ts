import { currentUser } from "@/lib/api";

import type { ConversationShape, Person } from "../model";

/** The other one of a direct conversation; null when their account is gone. */
export function otherPerson(shape: ConversationShape): Person | null {
  if (shape.type !== "direct") return null;
  const me = currentUser.value?.id;
  return shape.participants.find((participant) => participant.user.id !== me)?.user ?? null;
}

export type Leaving = "plain" | "last-admin" | "maybe-last-admin" | "last-member";

/** What becomes of a group when I leave it. Only the first members are known of a large one. */
export function consequenceOfLeaving(shape: ConversationShape, me: string): Leaving {
  if (shape.participant_count <= 1) return "last-member";
  if (shape.role !== "admin") return "plain";
  const hasOther = shape.participants.some(({ user, role }) => role === "admin" && user.id !== me);
  if (hasOther) return "plain";
  return shape.participants.length < shape.participant_count ? "maybe-last-admin" : "last-admin";
}
