import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { IconButton, placeBeside } from "@/ui";

import { EmojiPicker } from "../lazyParts";
import styles from "./composer.module.css";
import { t } from "./words";

/** Any emoji, for the place where the cursor stands. */
export function EmojiButton({ onChoose }: { onChoose: (emoji: string) => void }) {
  const id = useId();
  const anchor = useRef<HTMLSpanElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  useLayoutEffect(() => {
    if (open && box.current !== null && anchor.current !== null) placeBeside(box.current, anchor.current, "end");
  }, [open]);

  return (
    <span ref={anchor} class={styles.emojiAnchor}>
      <IconButton icon="smile" label={t("emoji")} aria-haspopup="dialog" aria-expanded={open} popovertarget={id} />
      <div
        ref={box}
        id={id}
        popover="auto"
        role="dialog"
        aria-label={t("emoji")}
        class={styles.emojiBox}
        onToggle={(event) => setOpen(event.newState === "open")}
      >
        {open && (
          <EmojiPicker
            onChoose={(emoji) => {
              box.current?.hidePopover();
              onChoose(emoji);
            }}
          />
        )}
      </div>
    </span>
  );
}
