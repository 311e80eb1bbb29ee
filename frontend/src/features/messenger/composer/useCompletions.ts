import { useEffect, useId, useRef, useState } from "preact/hooks";

import { isEnter } from "@/ui";

import { usedEmoji } from "../emoji/habits";
import type { ConversationShape } from "../model";
import { completionsHere, emojiNamed, moreCompletions } from "./completions";
import type { Completion } from "./completions";
import type { ComposerState } from "./state";
import { tokenAt, wholeNameAt } from "./token";
import type { Token } from "./token";

/** So long a pause before the server is asked for members. */
const PAUSE_MS = 120;

/**
 * The list that opens at an @ or a colon: arrows walk along it, Tab and Enter take, Escape closes it until another one is
 * begun. The focus stays in the field, which says what is chosen.
 */
export function useCompletions(state: ComposerState, conversation: ConversationShape, me: string | null) {
  const id = useId();
  const [token, setToken] = useState<Token | null>(null);
  const [closedAt, setClosedAt] = useState<number | null>(null);
  const [chosen, setChosen] = useState(0);
  const isOpen = token !== null && token.start !== closedAt;
  const more = useMore(isOpen ? token : null, conversation, me);
  const options = isOpen ? (more ?? completionsHere(token, conversation, me)) : [];
  const active = Math.min(chosen, options.length - 1);

  const follow = (field: HTMLTextAreaElement) => {
    const found = field.selectionStart === field.selectionEnd ? tokenAt(field.value, field.selectionStart) : null;
    setToken((before) => (same(before, found) ? before : found));
    if (found === null || found.start !== token?.start) setClosedAt(null);
    if (!same(token, found)) setChosen(0);
  };
  const put = (field: HTMLTextAreaElement, start: number, text: string) => {
    field.setRangeText(text, start, field.selectionStart, "end");
    state.write(field.value);
    follow(field);
  };
  const take = (field: HTMLTextAreaElement, option: Completion) => {
    if (token === null) return;
    if (option.person === null && option.emoji !== null && token.kind === "emoji") usedEmoji(option.emoji);
    put(field, token.start, option.insert);
  };
  return {
    listId: `${id}-list`,
    optionId: (index: number) => `${id}-${index}`,
    options,
    active,
    kind: token?.kind ?? "person",
    take,
    /** The text or the cursor has moved. */
    onCaret: (field: HTMLTextAreaElement) => {
      follow(field);
      const whole = wholeNameAt(field.value, field.selectionStart);
      if (whole === null) return;
      const { selectionStart: caret, value } = field;
      void emojiNamed(whole.name).then(
        (emoji) => {
          // Whoever has typed on meanwhile keeps what they typed.
          if (emoji !== null && field.value === value && field.selectionStart === caret) put(field, whole.start, emoji);
        },
        () => undefined,
      );
    },
    /** Whether the key was the list's. */
    onKey: (event: KeyboardEvent): boolean => {
      const option = options[active];
      const { target: field } = event;
      if (option === undefined || !(field instanceof HTMLTextAreaElement)) return false;
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return false;
      if (event.key === "ArrowDown") setChosen((active + 1) % options.length);
      else if (event.key === "ArrowUp") setChosen((active - 1 + options.length) % options.length);
      else if (isEnter(event) || event.key === "Tab") take(field, option);
      else if (event.key === "Escape") setClosedAt(token?.start ?? null);
      else return false;
      event.preventDefault();
      event.stopPropagation();
      return true;
    },
  };
}

/** Members of a large group, or emoji: what has to be fetched for this beginning; null until it is here. */
function useMore(token: Token | null, conversation: ConversationShape, me: string | null): Completion[] | null {
  const [more, setMore] = useState<{ token: Token; found: Completion[] } | null>(null);
  // Asked for anew with each letter, not with each event of the conversation.
  const latest = useRef({ conversation, me });
  latest.current = { conversation, me };
  useEffect(() => {
    if (token === null) return;
    const asked = new AbortController();
    const ask = () => {
      const coming = moreCompletions(token, latest.current.conversation, latest.current.me, asked.signal);
      // Without the line there is what is known here.
      void coming?.then((found) => !asked.signal.aborted && setMore({ token, found }), () => undefined);
    };
    const timer = setTimeout(ask, token.kind === "emoji" ? 0 : PAUSE_MS);
    return () => {
      clearTimeout(timer);
      asked.abort();
    };
  }, [token]);
  return more !== null && more.token === token ? more.found : null;
}

function same(a: Token | null, b: Token | null): boolean {
  return a?.kind === b?.kind && a?.start === b?.start && a?.query === b?.query;
}
