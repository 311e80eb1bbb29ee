import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { limit } from "@/lib/config";
import { AttachButton, classes, composerField, focusComposer, Icon, IconButton } from "@/ui";

import { VoiceRecorder } from "../lazyParts";
import type { ConversationShape, ConversationView } from "../model";
import { summary } from "../parts/lines";
import type { ComposerMode, MessageActions } from "../timeline/actions";
import styles from "./composer.module.css";
import { EmojiButton } from "./EmojiButton";
import { FileTray } from "./FileTray";
import { MessageField } from "./MessageField";
import type { ComposerState } from "./state";
import { t } from "./words";

/** The share of what a message may have from which on the counter is shown. */
const COUNTED_FROM = 0.95;

interface ComposerProps {
  state: ComposerState;
  view: ConversationView;
  conversation: ConversationShape;
  actions: MessageActions;
  me: string | null;
}

export function Composer(props: ComposerProps) {
  const { state, actions, me } = props;
  const mode = actions.mode.value;
  if (state.recording.value) {
    return (
      <div class={styles.composer}>
        <VoiceRecorder onDone={(file) => state.sendVoice(file)} onCancel={() => (state.recording.value = false)} />
      </div>
    );
  }
  const send = () => {
    void state.submit();
    focusComposer();
  };
  const attach = (files: FileList) => {
    state.addFiles(files);
    focusComposer();
  };
  return (
    <form
      class={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {mode !== null && <ModeBar mode={mode} me={me} onCancel={() => state.cancel()} />}
      {state.files.value.length > 0 && <FileTray state={state} />}
      <div class={styles.row}>
        {mode?.kind !== "edit" && <AttachButton label={t("attach")} onFiles={attach} />}
        <MessageField {...props} onSend={send} />
        <EmojiButton onChoose={(emoji) => insert(state, emoji)} />
        <MainButton state={state} isEditing={mode?.kind === "edit"} />
      </div>
      <Counter state={state} />
    </form>
  );
}

/** With nothing to send it records. */
function MainButton({ state, isEditing }: { state: ComposerState; isEditing: boolean }) {
  const isIdle = state.text.value.trim() === "" && state.files.value.length === 0;
  if (isIdle && !isEditing) {
    return <IconButton icon="mic" variant="primary" label={t("record")} onClick={() => (state.recording.value = true)} />;
  }
  return (
    <IconButton
      icon={isEditing ? "check" : "send"}
      variant="primary"
      type="submit"
      label={isEditing ? t("save") : t("send")}
      disabled={!state.canSend.value}
      // The field keeps the focus, so that the keyboard of a phone stays where it is.
      onMouseDown={(event) => event.preventDefault()}
    />
  );
}

interface ModeBarProps {
  mode: NonNullable<ComposerMode>;
  me: string | null;
  onCancel: () => void;
}

/** What the words in the field will answer, or change. */
function ModeBar({ mode, me, onCancel }: ModeBarProps) {
  const { message } = mode;
  const name = message.sender === null ? t("someone") : message.sender.id === me ? t("you") : message.sender.name;
  return (
    <div class={classes(styles.mode, mode.kind === "edit" && styles.modeEdit)}>
      <Icon name={mode.kind === "edit" ? "edit" : "reply"} />
      <p>
        <strong>{mode.kind === "edit" ? t("editing") : t("replyingTo", { name })}</strong>
        <span dir="auto">{summary(message, me)}</span>
      </p>
      <IconButton icon="close" label={t("cancel")} onClick={onCancel} />
    </div>
  );
}

function Counter({ state }: { state: ComposerState }) {
  const spoken = useSignal("");
  const most = limit("max_chat_text_chars");
  const left = most - state.length.value;
  const isShown = state.length.value >= most * COUNTED_FROM;
  const words = left < 0 ? t("tooLong", { count: -left }) : t("left", { count: left });

  // Read aloud when the typing pauses, not at every letter.
  useEffect(() => {
    const timer = setTimeout(() => (spoken.value = isShown ? words : ""), 800);
    return () => clearTimeout(timer);
  }, [isShown, words, spoken]);

  return (
    <>
      {isShown && (
        <p class={classes(styles.counter, left < 0 && styles.tooLong)} aria-hidden="true">
          {words}
        </p>
      )}
      <p class="visually-hidden" role="status">
        {spoken}
      </p>
    </>
  );
}

/** Where the cursor stands, which stays behind what was put in. */
function insert(state: ComposerState, emoji: string): void {
  const field = composerField();
  if (field === null) return;
  field.setRangeText(emoji, field.selectionStart, field.selectionEnd, "end");
  state.write(field.value);
  field.focus();
}
