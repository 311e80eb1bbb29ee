import { useEffect } from "preact/hooks";

import { shellOverlay, toSend } from "@/lib/bridge";
import { lazily } from "@/ui";

import type { Feature } from "../feature";

const Palette = lazily(async () => (await import("./Palette")).Palette);
const KeysDialog = lazily(async () => (await import("./KeysDialog")).KeysDialog);
const SendTo = lazily(async () => (await import("./SendTo")).SendTo);

/** What lies over any page of somebody signed in: the palette, the help with the keys, sending a text to people. */
export function Overlays({ features }: { features: readonly Feature[] }) {
  useKeys();
  const close = () => (shellOverlay.value = null);
  return (
    <>
      {shellOverlay.value === "palette" && <Palette features={features} onClose={close} />}
      {shellOverlay.value === "keys" && <KeysDialog features={features} onClose={close} />}
      {toSend.value !== null && <SendTo features={features} text={toSend.value} onClose={() => (toSend.value = null)} />}
    </>
  );
}

/** An open dialog or menu keeps its keys to itself. */
function useKeys(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector("dialog[open], [popover]:popover-open [role^=menuitem]")) return;
      // By the key's place: on a Ukrainian layout K types «л».
      const isPalette = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.code === "KeyK";
      const isHelp = event.key === "?" && !event.ctrlKey && !event.metaKey && !isTyping(event.target);
      if (!isPalette && !isHelp) return;
      event.preventDefault();
      shellOverlay.value = isPalette ? "palette" : "keys";
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}
