import { useEffect, useRef, useState } from "preact/hooks";

import type { ShownMessage } from "../model";
import { spokenLine } from "./spoken";

/** Says aloud what others write while one is here; walking through the past stays quiet. */
export function Announcer({ messages, me }: { messages: readonly ShownMessage[]; me: string | null }) {
  const newest = messages.findLast((message) => message.seq !== null);
  const known = useRef(newest?.seq ?? 0);
  const [words, setWords] = useState("");
  useEffect(() => {
    const seq = newest?.seq ?? 0;
    if (newest === undefined || seq <= known.current) return;
    known.current = seq;
    if (newest.sender?.id === me) return;
    setWords(spokenLine(newest, me));
  }, [newest, me]);
  return (
    <p class="visually-hidden" role="status">
      {words}
    </p>
  );
}
