import { useLayoutEffect, useRef } from "preact/hooks";

import { hasModule } from "@/lib/config";
import { classes, Icon, isAtLeast, placeBeside, useBack } from "@/ui";
import type { IconName } from "@/ui";

import type { ConversationShape, ShownMessage } from "../model";
import { PALETTE, permissions } from "./actions";
import type { MessageActions } from "./actions";
import styles from "./menu.module.css";
import { canTranslate } from "./translations";
import { t } from "./words";

export interface OpenMenu {
  message: ShownMessage;
  anchor: Element;
  what: "menu" | "palette";
}

interface Props {
  open: OpenMenu;
  conversation: ConversationShape;
  me: string | null;
  actions: MessageActions;
  onClose: () => void;
}

interface Entry {
  label: string;
  icon: IconName;
  run: () => void;
  /** What does the same for a message that has the focus. */
  hint?: string;
  danger?: boolean;
}

/** Reactions and actions of one message: beside it, or, on a phone, at the foot of the screen. */
export function MessageMenu({ open, conversation, me, actions, onClose }: Props) {
  const veil = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const { message, anchor, what } = open;
  const may = permissions(message, conversation, me);
  const mine = message.reactions.filter(({ user_ids: ids }) => me !== null && ids.includes(me)).map(({ emoji }) => emoji);
  const entries = what === "menu" ? entriesFor(message, may, actions) : [];

  useBack(true, onClose);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const focused = document.activeElement;
    veil.current?.showPopover();
    // On a phone the style sheet puts it at the foot of the screen.
    if (isAtLeast("popover")) placeBeside(element, anchor, "start");
    element.querySelector<HTMLElement>("button")?.focus({ preventScroll: true });
    return () => {
      // What was chosen may have moved the focus on purpose, to the field for instance.
      const { activeElement } = document;
      const isLost = activeElement === null || activeElement === document.body || element.contains(activeElement);
      if (!isLost) return;
      // Opened by the mouse: nothing had the focus, so it goes to the message the menu was about.
      const before = focused instanceof HTMLElement && focused !== document.body ? focused : rowOf(anchor);
      before?.focus({ preventScroll: true });
    };
  }, [anchor]);

  const run = (action: () => void) => {
    onClose();
    action();
  };
  return (
    // Not `popover="auto"`: the end of the long press or of the right click that opens it would close it again.
    <div
      ref={veil}
      popover="manual"
      class={styles.veil}
      onClick={(event) => event.target === veil.current && onClose()}
      onContextMenu={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" && event.key !== "Tab") return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
    >
      <div
        ref={box}
        role="menu"
        aria-label={t("actions")}
        class={styles.menu}
        onKeyDown={(event) => moveFocus(event, box.current)}
      >
        {may.canReact && (
          <Palette
            mine={mine}
            onChoose={(emoji) => run(() => actions.react(message, emoji))}
            onMore={() => run(() => (actions.reactingTo.value = message))}
          />
        )}
        {entries.map((entry) => (
          <EntryButton key={entry.label} entry={entry} onPress={() => run(entry.run)} />
        ))}
      </div>
    </div>
  );
}

/** What the keyboard walks along in the timeline. */
function rowOf(anchor: Element): HTMLElement | null {
  return anchor.closest<HTMLElement>("[data-index]");
}

interface PaletteProps {
  mine: readonly string[];
  onChoose: (emoji: string) => void;
  /** Any other emoji. */
  onMore: () => void;
}

function Palette({ mine, onChoose, onMore }: PaletteProps) {
  return (
    <div class={styles.palette} role="group" aria-label={t("reactions")}>
      {PALETTE.map((emoji) => (
        <button
          key={emoji}
          type="button"
          role="menuitemcheckbox"
          aria-checked={mine.includes(emoji)}
          aria-label={t("reactWith", { emoji })}
          tabIndex={-1}
          class={styles.emoji}
          onClick={() => onChoose(emoji)}
        >
          {emoji}
        </button>
      ))}
      <button type="button" role="menuitem" data-more aria-label={t("moreEmoji")} tabIndex={-1} class={styles.emoji} onClick={onMore}>
        <Icon name="plus" />
      </button>
    </div>
  );
}

function EntryButton({ entry, onPress }: { entry: Entry; onPress: () => void }) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      class={classes(styles.item, entry.danger && styles.danger)}
      aria-keyshortcuts={entry.hint === "Del" ? "Delete" : entry.hint}
      onClick={onPress}
    >
      <Icon name={entry.icon} />
      {entry.label}
      {entry.hint !== undefined && (
        <kbd class={styles.hint} aria-hidden="true">
          {entry.hint}
        </kbd>
      )}
    </button>
  );
}

function entriesFor(message: ShownMessage, may: ReturnType<typeof permissions>, actions: MessageActions): Entry[] {
  const entries: (Entry | false)[] = [
    may.canReply && { label: t("reply"), icon: "reply", hint: "R", run: () => actions.reply(message) },
    may.canCopy && { label: t("copy"), icon: "copy", run: () => void actions.copy(message) },
    may.canEdit && { label: t("edit"), icon: "edit", hint: "E", run: () => actions.edit(message) },
    may.canCopy && canTranslate() && { label: t("translate"), icon: "globe", run: () => void actions.translations.show(message) },
    may.canForward && { label: t("forward"), icon: "forward", run: () => actions.forward(message) },
    may.canCopy &&
      hasModule("aichat") && { label: t("askAi"), icon: "chat", run: () => actions.askAbout(message) },
    may.canPin && {
      label: message.is_pinned ? t("unpin") : t("pin"),
      icon: "pin",
      run: () => void actions.pin(message),
    },
    may.canSeeReaders && { label: t("readers"), icon: "eye", run: () => (actions.readersOf.value = message) },
    may.canDelete && {
      label: t("delete"),
      icon: "trash",
      hint: "Del",
      danger: true,
      run: () => (actions.deleting.value = message),
    },
    message.delivery?.state === "failed" &&
      message.delivery.retryable && { label: t("retry"), icon: "refresh", run: () => actions.resend(message) },
    message.seq === null && {
      label: t("discard"),
      icon: "trash",
      danger: true,
      run: () => actions.discard(message),
    },
  ];
  return entries.filter((entry) => entry !== false);
}

/** Left and right within the palette, up and down through everything below it. */
function moveFocus(event: KeyboardEvent, box: HTMLElement | null): void {
  if (box === null) return;
  const emoji = [...box.querySelectorAll<HTMLElement>("[role=menuitemcheckbox], [data-more]")];
  const items = [...box.querySelectorAll<HTMLElement>("[role=menuitem]:not([data-more])")];
  const focused = document.activeElement as HTMLElement;
  const inPalette = emoji.indexOf(focused);
  const inItems = items.indexOf(focused);
  const wrap = (list: HTMLElement[], index: number) => list[(index + list.length) % list.length];
  let next: HTMLElement | undefined;
  switch (event.key) {
    case "ArrowRight":
      next = wrap(emoji, inPalette + 1);
      break;
    case "ArrowLeft":
      next = wrap(emoji, inPalette < 0 ? 0 : inPalette - 1);
      break;
    case "ArrowDown":
      next = inItems === items.length - 1 ? (emoji[0] ?? items[0]) : items[inItems + 1];
      break;
    case "ArrowUp":
      next = inItems > 0 ? items[inItems - 1] : inItems === 0 ? (emoji[0] ?? items.at(-1)) : items.at(-1);
      break;
    case "Home":
      next = emoji[0] ?? items[0];
      break;
    case "End":
      next = items.at(-1) ?? emoji.at(-1);
      break;
    default:
      return;
  }
  event.preventDefault();
  next?.focus();
}
