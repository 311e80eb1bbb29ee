/** What other features bring to conversations, such as calls. They are given by the page, and fetched after it. */
import { createContext } from "preact";
import type { ComponentType } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";

import type { ConversationParts, ConversationPlace, Feature } from "@/app/feature";

import type { ConversationShape } from "../model";

export const BringersContext = createContext<readonly Feature[]>([]);

const loaded = new Map<Feature, ConversationParts>();

export function BroughtButtons({ conversation }: { conversation: ConversationShape }) {
  return <Brought conversation={conversation} part="Buttons" />;
}

export function BroughtBar({ conversation }: { conversation: ConversationShape }) {
  return <Brought conversation={conversation} part="Bar" />;
}

function Brought({ conversation, part }: { conversation: ConversationShape; part: keyof ConversationParts }) {
  const bringers = useContext(BringersContext).filter((feature) => feature.conversation !== undefined);
  const { id, name, type } = conversation;
  if (!isAmongPeople(conversation)) return null;
  return (
    <>
      {bringers.map((feature) => (
        <One key={feature.name} feature={feature} part={part} place={{ id, name, isGroup: type === "group" }} />
      ))}
    </>
  );
}

function One({ feature, part, place }: { feature: Feature; part: keyof ConversationParts; place: ConversationPlace }) {
  const [parts, setParts] = useState(() => loaded.get(feature));
  useEffect(() => {
    if (parts !== undefined) return;
    let isWanted = true;
    feature.conversation?.().then(
      (found) => {
        loaded.set(feature, found);
        if (isWanted) setParts(found);
      },
      // Without it one writes as before.
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [feature, parts]);
  const Part: ComponentType<ConversationPlace> | undefined = parts?.[part];
  return Part === undefined ? null : <Part {...place} />;
}

/** Not what one keeps for oneself, nor with an agent, nor with whom one has nothing to do any more. */
function isAmongPeople({ type, is_ai_agent, is_blocked, participants }: ConversationShape): boolean {
  if (type === "group") return true;
  return !is_ai_agent && !is_blocked && participants.length > 1;
}
