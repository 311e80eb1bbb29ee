import { useSignal } from "@preact/signals";

import { IconButton, toast } from "@/ui";

import { useMessenger } from "../context";
import { attempt } from "../parts/attempt";
import type { Story } from "./order";
import styles from "./stories.module.css";
import { t } from "./words";

/** As many as stand beside the field of the smallest phone. */
const EMOJI = ["❤️", "😂", "😮", "🔥", "👏"] as const;
const MAX_CHARS = 1000;

interface AnswerStoryProps {
  story: Story;
  teller: { id: string; name: string };
  /** Somebody writes: the story waits meanwhile. */
  onAsk: (on: boolean) => void;
}

/** A word or an emoji for whoever told the story; it goes into the conversation of the two. */
export function AnswerStory({ story, teller, onAsk }: AnswerStoryProps) {
  const messenger = useMessenger();
  const text = useSignal("");
  const busy = useSignal(false);

  const send = async (content: string) => {
    if (content.trim() === "" || busy.value) return;
    busy.value = true;
    const done = await attempt(async () => {
      const id = await messenger.createDirect(teller.id);
      messenger.conversation(id).send({ content, storyId: story.id });
    });
    busy.value = false;
    if (!done) return;
    if (content === text.value) text.value = "";
    toast(t("answered", { name: teller.name }));
  };
  return (
    <form
      class={styles.answer}
      onSubmit={(event) => {
        event.preventDefault();
        void send(text.value);
      }}
    >
      <div class={styles.reactions} role="group" aria-label={t("react")}>
        {EMOJI.map((emoji) => (
          <button
            key={emoji}
            type="button"
            class={styles.reaction}
            aria-label={t("reactWith", { emoji })}
            disabled={busy.value}
            onClick={() => void send(emoji)}
          >
            {emoji}
          </button>
        ))}
      </div>
      <input
        type="text"
        class={styles.answerField}
        aria-label={t("answer", { name: teller.name })}
        placeholder={t("answer", { name: teller.name })}
        dir="auto"
        maxLength={MAX_CHARS}
        enterKeyHint="send"
        autocomplete="off"
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
        onFocus={() => onAsk(true)}
        onBlur={() => onAsk(false)}
      />
      <IconButton
        icon="send"
        type="submit"
        label={t("send")}
        disabled={busy.value || text.value.trim() === ""}
        onMouseDown={(event) => event.preventDefault()}
      />
    </form>
  );
}
