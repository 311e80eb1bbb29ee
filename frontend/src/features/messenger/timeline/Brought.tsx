/** What other features bring to conversations, such as calls. They are given by the page, and fetched after it. */
import { createContext } from "preact";
import type { ComponentType } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";

import type { AgentMessagePlace, ConversationFeature, ConversationParts, ConversationPlace, Feature } from "@/app/feature";

import type { ConversationShape, ShownMessage } from "../model";

export const BringersContext = createContext<readonly Feature[]>([]);

const loaded = new Map<ConversationFeature, ConversationParts>();

export function BroughtButtons({ conversation }: { conversation: ConversationShape }) {
  const place = usePlace(conversation);
  return <Brought part="Buttons" place={place} given={place} />;
}

export function BroughtBar({ conversation }: { conversation: ConversationShape }) {
  const place = usePlace(conversation);
  return <Brought part="Bar" place={place} given={place} />;
}

/** Below what an agent says, also when it is no member any more. */
export function BroughtFoot({ message, conversation }: { message: ShownMessage; conversation: ConversationShape }) {
  const place = { ...usePlace(conversation), hasAgents: true };
  if (message.agent === null) return null;
  const askerId = message.reply_to?.sender?.id ?? null;
  return (
    <Brought
      part="Foot"
      place={place}
      given={{ conversation: place, run: message.agent, userId: message.sender?.id ?? null, askerId }}
    />
  );
}

/** Of every feature that has some, wherever it is. */
export function BroughtDetails({ conversation }: { conversation: ConversationShape }) {
  const place = usePlace(conversation);
  return <Brought part="Details" place={place} given={place} isEverywhere />;
}

interface BroughtProps<Given> {
  part: keyof ConversationParts;
  place: ConversationPlace;
  given: Given;
  isEverywhere?: boolean;
}

function Brought<Given extends ConversationPlace | AgentMessagePlace>({ part, place, given, isEverywhere = false }: BroughtProps<Given>) {
  const bringers = useContext(BringersContext);
  return (
    <>
      {bringers.map(
        ({ name, conversation }) =>
          conversation !== undefined &&
          (isEverywhere || conversation.isIn(place)) && <One key={name} brought={conversation} part={part} given={given} />,
      )}
    </>
  );
}

interface OneProps {
  brought: ConversationFeature;
  part: keyof ConversationParts;
  given: ConversationPlace | AgentMessagePlace;
}

function One({ brought, part, given }: OneProps) {
  const [parts, setParts] = useState(() => loaded.get(brought));
  useEffect(() => {
    if (parts !== undefined) return;
    let isWanted = true;
    brought.load().then(
      (found) => {
        loaded.set(brought, found);
        if (isWanted) setParts(found);
      },
      // Without it one writes as before.
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [brought, parts]);
  // Which part takes which place is in the types of those that call this.
  const Part = parts?.[part] as ComponentType<ConversationPlace | AgentMessagePlace> | undefined;
  return Part === undefined ? null : <Part {...given} />;
}

function usePlace(conversation: ConversationShape): ConversationPlace {
  return useMemo(() => {
    const { id, name, type, role, is_ai_agent: isWithAgent, is_blocked: isBlocked, participants } = conversation;
    const isGroup = type === "group";
    return {
      id,
      name,
      isGroup,
      isAdmin: isGroup && role === "admin",
      isAmongPeople: isGroup || (!isWithAgent && !isBlocked && participants.length > 1),
      hasAgents: isWithAgent || participants.some(({ user }) => user.kind === "agent"),
    };
  }, [conversation]);
}
