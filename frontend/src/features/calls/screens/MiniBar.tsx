import { useEffect, useRef } from "preact/hooks";

import { IconButton } from "@/ui";

import * as drawn from "../drawings";
import styles from "../layer.module.css";
import type { Calls, CallSession } from "../model";
import { enlarge } from "../view";
import { t as layer } from "../words";
import { statusText } from "./status";
import { useTime } from "./useTime";
import { t } from "./words";

/** The call while one does something else. */
export function MiniBar({ session, all }: { session: CallSession; all: Calls }) {
  const { audioOn } = session.local;
  const time = useTime(session.call.value?.started_at ?? null);
  const isMuted = !audioOn.value;
  const open = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    // The sheet that had the focus is gone, and nothing else has taken it.
    if (document.activeElement === document.body) open.current?.focus({ preventScroll: true });
  }, []);

  return (
    <section class={styles.mini} aria-label={layer("callBar")}>
      <button ref={open} type="button" class={styles.miniOpen} onClick={() => enlarge(session.options.conversationId)}>
        <span class="visually-hidden">{t("maximise")}: </span>
        <strong dir="auto">{session.options.title}</strong>
        <span>{time ?? statusText(session)}</span>
      </button>
      <IconButton
        icon={isMuted ? drawn.micOff : "mic"}
        label={t(isMuted ? "unmute" : "mute")}
        onClick={() => session.local.setAudio(isMuted)}
      />
      <IconButton icon={drawn.hangUp} label={t("hangUp")} onClick={() => void all.hangUp()} />
    </section>
  );
}
