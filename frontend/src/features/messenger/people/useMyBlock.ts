import { useCallback } from "preact/hooks";

import { useResource } from "@/lib/resource";

import type { ConversationShape, Person } from "../model";
import { listBlocks } from "../model/api";

/** Only who blocked can unblock, and the conversation does not say who it was; the list of blocks does. */
export function useMyBlock(shape: ConversationShape, person: Person | null): { byMe: boolean; reload: () => void } {
  const isBlocked = shape.is_blocked && person !== null;
  const load = useCallback(
    (signal: AbortSignal) => (isBlocked ? listBlocks(signal) : Promise.resolve(null)),
    [isBlocked],
  );
  const { data, reload } = useResource(load);
  return { byMe: isBlocked && data?.results.some(({ user }) => user.id === person.id) === true, reload };
}
