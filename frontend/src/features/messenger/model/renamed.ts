/** Somebody has another name or picture: whatever shows them here shows that. Objects without them stay the same. */
import type { ConversationShape, MessageShape, Person } from "./shapes";

export function renamedIn(conversation: ConversationShape, person: Person, me: string): ConversationShape {
  const participants = conversation.participants.map((member) =>
    member.user.id === person.id ? { ...member, user: person } : member,
  );
  const isTheirs = conversation.type === "direct" && person.id !== me;
  return isTheirs
    ? { ...conversation, participants, name: person.name, avatar_url: person.avatar_url }
    : { ...conversation, participants };
}

export function renamedInMessage(message: MessageShape, person: Person): MessageShape {
  const { sender, forwarded_from, reply_to, system, agent } = message;
  const shown = [sender, forwarded_from, reply_to?.sender, system?.actor, ...(system?.people ?? []), agent?.paid_by];
  if (!shown.some((one) => one?.id === person.id)) return message;
  const now = <T extends Person | null | undefined>(one: T): T | Person => (one?.id === person.id ? person : one);
  return {
    ...message,
    sender: now(sender),
    forwarded_from: now(forwarded_from),
    reply_to: reply_to && { ...reply_to, sender: now(reply_to.sender) },
    system: system && { ...system, actor: now(system.actor), people: system.people.map(now) },
    agent: agent && { ...agent, paid_by: now(agent.paid_by) },
  };
}
