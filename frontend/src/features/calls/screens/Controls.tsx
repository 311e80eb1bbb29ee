import { useSignal } from "@preact/signals";

import { classes, Icon, Tooltip, useBreakpoint } from "@/ui";
import type { Drawing, IconName } from "@/ui";

import * as drawn from "../drawings";
import { canShareScreen } from "../media/local";
import type { Calls, CallSession } from "../model";
import styles from "./call.module.css";
import { MoreDialog } from "./MoreDialog";
import { t } from "./words";

/** Five buttons in a row, above what the thumb reaches. */
export function Controls({ session, all }: { session: CallSession; all: Calls }) {
  const isMore = useSignal(false);
  const isDesk = useBreakpoint("desk");
  const { audioOn, videoOn, screenOn, mayShow, level } = session.local;
  const hears = audioOn.value && session.local.audio.value !== null;
  const shows = videoOn.value && mayShow.value;
  return (
    <div class={styles.controls} role="group" aria-label={t("controls")}>
      <Control
        icon={hears ? "mic" : drawn.micOff}
        label={t(hears ? "mute" : "unmute")}
        isOff={!hears}
        level={hears ? level.value : 0}
        onPress={() => session.local.setAudio(!hears)}
      />
      <Control
        icon={shows ? "video" : drawn.videoOff}
        label={mayShow.value ? t(shows ? "cameraOff" : "cameraOn") : t("noVideoHere")}
        isOff={!shows}
        isDisabled={!mayShow.value}
        onPress={() => void session.local.setVideo(!shows)}
      />
      {isDesk && canShareScreen() ? (
        <Control
          icon={drawn.screen}
          label={t(screenOn.value ? "unshare" : "share")}
          isOn={screenOn.value}
          onPress={() => void session.local.setScreen(!screenOn.value)}
        />
      ) : (
        <Control icon={drawn.flip} label={t("flip")} isDisabled={!shows} onPress={() => void session.local.flip()} />
      )}
      <Control icon="more" label={t("more")} onPress={() => (isMore.value = true)} />
      <Control icon={drawn.hangUp} label={t("hangUp")} isEnd onPress={() => void all.hangUp()} />
      {isMore.value && <MoreDialog session={session} all={all} onClose={() => (isMore.value = false)} />}
    </div>
  );
}

interface ControlProps {
  icon: IconName | Drawing;
  label: string;
  onPress: () => void;
  isOff?: boolean;
  isOn?: boolean;
  isEnd?: boolean;
  isDisabled?: boolean;
  /** How loud one is, between 0 and 1. */
  level?: number;
}

function Control({ icon, label, onPress, isOff = false, isOn = false, isEnd = false, isDisabled = false, level = 0 }: ControlProps) {
  return (
    <Tooltip text={label} isName>
      <button
        type="button"
        class={classes(styles.control, isOff && styles.off, isOn && styles.on, isEnd && styles.end)}
        aria-label={label}
        disabled={isDisabled}
        onClick={onPress}
      >
        <Icon name={icon} />
        {level > 0 && <i class={styles.level} style={{ transform: `scaleX(${level.toFixed(2)})` }} />}
      </button>
    </Tooltip>
  );
}
