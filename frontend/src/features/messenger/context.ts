import { createContext } from "preact";
import { useContext } from "preact/hooks";

import { messenger } from "./model";
import type { Messenger } from "./model";

/** Who is asked for conversations; the one of the session unless a page brings its own. */
export const MessengerContext = createContext<Messenger | null>(null);

export function useMessenger(): Messenger {
  return useContext(MessengerContext) ?? messenger();
}
