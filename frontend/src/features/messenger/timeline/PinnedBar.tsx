import { useSignal } from "@preact/signals";
import { useCallback } from "preact/hooks";

import { useResource } from "@/lib/resource";
import { Icon } from "@/ui";

import type { ConversationShape } from "../model";
import { listPins } from "../model/api";
import { goToMessage } from "../overlays";
import { summary } from "../parts/lines";
import styles from "./pane.module.css";
import { t } from "./words";

/** The newest pinned message; every press shows it where it was said and brings up the one before. */
export function PinnedBar({ conversation, me }: { conversation: ConversationShape; me: string | null }) {
  const { id } = conversation;
  const key = conversation.pinned_message_ids.join();
  // Asked again when the pins change, of which `key` is the sign.
  const load = useCallback((signal: AbortSignal) => (key === "" ? Promise.reject(new Error()) : listPins(id, signal)), [id, key]);
  const { data } = useResource(load);
  const turn = useSignal(0);
  const pins = data?.results ?? [];
  const at = turn.value % Math.max(1, pins.length);
  const pin = pins[at];
  if (pin === undefined) return null;
  return (
    <button
      type="button"
      class={styles.pinned}
      onClick={() => {
        goToMessage(id, pin.seq);
        turn.value += 1;
      }}
    >
      <Icon name="pin" size="s" />
      <span class={styles.pinnedText}>
        <strong>{pins.length > 1 ? t("pinnedCount", { at: at + 1, count: pins.length }) : t("unpinBar")}</strong>
        <span dir="auto">{summary(pin, me)}</span>
      </span>
    </button>
  );
}
