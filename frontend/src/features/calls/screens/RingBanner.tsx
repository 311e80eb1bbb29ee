import { useLayoutEffect, useRef } from "preact/hooks";

import { isComposing } from "@/ui";
import { Button, IconButton } from "@/ui";
import { Avatar } from "@/ui/avatar";

import * as drawn from "../drawings";
import styles from "../layer.module.css";
import type { Calls } from "../model";
import { roomOf } from "../model/rooms";
import type { CallShape } from "../model/shapes";
import { pickUp } from "../view";
import { t } from "../words";

/** Somebody calls. It stands above everything until it is answered, here or elsewhere. */
export function RingBanner({ call, all }: { call: CallShape; all: Calls }) {
  const banner = useRef<HTMLDivElement>(null);
  const name = call.initiator?.name ?? t("someone");
  const room = roomOf(call.conversation_id);
  const isVideo = call.call_type === "video";
  const isTalking = all.isTalking.value;
  const words =
    room?.isGroup === true ? t("incomingGroup", { name, group: room.name }) : t(isVideo ? "incomingVideo" : "incomingAudio", { name });
  const title = room?.name ?? name;

  useLayoutEffect(() => {
    const element = banner.current;
    // In the top layer, where it is seen above an open dialog as well.
    element?.showPopover();
    return () => element?.hidePopover();
  }, []);

  return (
    <div
      ref={banner}
      popover="manual"
      class={styles.ring}
      role="alertdialog"
      aria-label={words}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !isComposing(event)) all.silence(call.id);
      }}
    >
      <Avatar name={name} avatarUrl={call.initiator?.avatar_url ?? ""} />
      <p class={styles.ringWords}>
        <strong dir="auto">{words}</strong>
      </p>
      <div class={styles.ringButtons}>
        <Button variant="primary" icon="phone" onClick={() => pickUp(call, title, {})}>
          {t(isTalking ? "answerLeave" : "answer")}
        </Button>
        {isVideo && !isTalking && (
          <Button icon="video" onClick={() => pickUp(call, title, { video: true })}>
            {t("answerVideo")}
          </Button>
        )}
        <Button variant="danger" icon={drawn.hangUp} onClick={() => void all.reject(call)}>
          {t("decline")}
        </Button>
      </div>
      {!all.isSilenced(call.id) && (
        <span class={styles.ringMute}>
          <IconButton icon="mute" label={t("silence")} onClick={() => all.silence(call.id)} />
        </span>
      )}
    </div>
  );
}
