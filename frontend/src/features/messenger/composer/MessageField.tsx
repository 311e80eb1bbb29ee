import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { lastEditable } from "../timeline/actions";
import type { ComposerProps } from "./Composer";
import styles from "./composer.module.css";
import { COMPOSER_ID, isTouch } from "./focus";
import { t } from "./words";

const MAX_HEIGHT_PX = 200;

export function MessageField({ state, view, conversation, actions, me, onSend }: ComposerProps & { onSend: () => void }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const value = state.text.value;
  const mode = actions.mode.value;

  // Grows with the words up to a limit. (`field-sizing: content` will do this alone once every browser knows it.)
  useLayoutEffect(() => {
    if (field.current === null) return;
    field.current.style.height = "auto";
    field.current.style.height = `${Math.min(field.current.scrollHeight + 6, MAX_HEIGHT_PX)}px`;
  }, [value]);

  useEffect(() => {
    if (mode?.kind === "edit") field.current?.setSelectionRange(field.current.value.length, field.current.value.length);
  }, [mode]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !isTouch()) {
      event.preventDefault();
      onSend();
    } else if (event.key === "Escape" && state.cancel()) {
      event.preventDefault();
    } else if (event.key === "ArrowUp" && value === "" && mode === null) {
      const message = lastEditable(view.messages.peek(), conversation, me);
      if (message === null) return;
      event.preventDefault();
      actions.edit(message);
    }
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = event.clipboardData?.files ?? [];
    if (files.length === 0) return;
    event.preventDefault();
    state.addFiles(files);
  };
  return (
    <textarea
      ref={field}
      id={COMPOSER_ID}
      class={styles.field}
      rows={1}
      dir="auto"
      aria-label={t("message")}
      placeholder={state.files.value.length > 0 ? t("addCaption") : t("placeholder")}
      value={value}
      onInput={(event) => state.write(event.currentTarget.value)}
      onKeyDown={onKeyDown}
      onPaste={onPaste}
    />
  );
}
