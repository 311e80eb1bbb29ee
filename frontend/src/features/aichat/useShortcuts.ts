import { useEffect } from "preact/hooks";

export interface Shortcuts {
  readonly newChat: () => void;
  readonly escape: () => void;
  readonly focus: () => void;
}

/** The keys of the chat screen; `keys.ts` lists them. An open dialog or menu keeps its keys to itself. */
export function useShortcuts(shortcuts: Shortcuts): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector("dialog[open], [popover]:popover-open [role^=menuitem]"))
        return;
      const action = actionFor(event, shortcuts);
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [shortcuts]);
}

function actionFor(event: KeyboardEvent, shortcuts: Shortcuts): (() => void) | undefined {
  if (event.ctrlKey || event.metaKey) {
    // By the key's place: on a Ukrainian layout O types «щ».
    if (event.code === "KeyO" && event.shiftKey) return shortcuts.newChat;
    return undefined;
  }
  if (event.key === "Escape") return shortcuts.escape;
  if (isTyping(event.target)) return undefined;
  if (event.key === "/") return shortcuts.focus;
  return undefined;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}
