import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { IconButton, placeBeside } from "@/ui";

import styles from "./composer.module.css";
import { t } from "./words";

/** The few that are used the most; a system's own keyboard has the rest. */
const EMOJI = Array.from(
  new Intl.Segmenter().segment("😀😂🤣😊😍😘😎🤔😅😉🙃😴😢😭😡🤯🥳🤝👍👎👏🙏💪👋✌️👌❤️💛💙🔥✨🎉🎂☕🍕🚀✅❌⚡💡"),
  ({ segment }) => segment,
);
const STEPS: Partial<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 8, ArrowUp: -8 };

export function EmojiButton({ onChoose }: { onChoose: (emoji: string) => void }) {
  const id = useId();
  const anchor = useRef<HTMLSpanElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  useLayoutEffect(() => {
    if (!open || box.current === null || anchor.current === null) return;
    placeBeside(box.current, anchor.current, "end");
    box.current.querySelector<HTMLElement>("button")?.focus();
  }, [open]);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined || box.current === null) return;
    event.preventDefault();
    const all = [...box.current.querySelectorAll<HTMLElement>("button")];
    const at = all.findIndex((one) => one === document.activeElement);
    all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
  };
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
        onKeyDown={onKeyDown}
      >
        {open &&
          EMOJI.map((emoji, index) => (
            <button
              key={emoji}
              type="button"
              tabIndex={index === 0 ? 0 : -1}
              onClick={() => {
                box.current?.hidePopover();
                onChoose(emoji);
              }}
            >
              {emoji}
            </button>
          ))}
      </div>
    </span>
  );
}
