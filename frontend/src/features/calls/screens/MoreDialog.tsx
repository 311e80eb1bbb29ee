import { useEffect } from "preact/hooks";

import { Button, Dialog, Select } from "@/ui";

import * as drawn from "../drawings";
import { CHOSEN } from "../media/choices";
import type { DeviceKind } from "../media/choices";
import { canShareScreen } from "../media/local";
import type { Calls, CallSession } from "../model";
import styles from "./call.module.css";
import { t } from "./words";

const NAMES = { audioinput: "microphone", videoinput: "camera", audiooutput: "speaker" } as const;
const KINDS = ["audioinput", "videoinput", "audiooutput"] as const;

/** What is needed seldom: which devices, the screen, the end for everybody. */
export function MoreDialog({ session, all, onClose }: { session: CallSession; all: Calls; onClose: () => void }) {
  const { screenOn } = session.local;
  const call = session.call.value;
  const isMine = call?.initiator?.id === session.options.userId;
  const isGroup = (call?.participants.length ?? 0) > 2;
  useEffect(() => void session.local.look(), [session]);
  return (
    <Dialog open title={t("devices")} onClose={onClose}>
      <div class={styles.more}>
        {KINDS.map((kind) => (
          <DeviceChoice key={kind} kind={kind} session={session} />
        ))}
        {canShareScreen() && (
          <Button
            icon={drawn.screen}
            onClick={() => {
              onClose();
              void session.local.setScreen(!screenOn.value);
            }}
          >
            {t(screenOn.value ? "unshare" : "share")}
          </Button>
        )}
        {isMine && isGroup && (
          <>
            <p>{t("endForAllText")}</p>
            <Button variant="danger" icon={drawn.hangUp} onClick={() => void all.hangUp(true)}>
              {t("endForAll")}
            </Button>
          </>
        )}
      </div>
    </Dialog>
  );
}

function DeviceChoice({ kind, session }: { kind: DeviceKind; session: CallSession }) {
  const found = session.local.devices.value.filter((device) => device.kind === kind && device.deviceId !== "default");
  const canChoose = kind !== "audiooutput" || "setSinkId" in HTMLMediaElement.prototype;
  if (!canChoose || found.length === 0) return null;
  const name = t(NAMES[kind]);
  const options = found.map(({ deviceId, label }, index) => ({
    value: deviceId,
    // Browsers tell the names only to who was allowed the device.
    label: label === "" ? t("deviceNumber", { kind: name, count: index + 1 }) : label,
  }));
  const chosen = CHOSEN[kind].value;
  const isThere = options.some(({ value }) => value === chosen);
  return (
    <Select
      label={name}
      value={isThere ? chosen : ""}
      options={[{ value: "", label: t("systemDevice") }, ...options]}
      onValue={(deviceId) => void session.local.choose(kind, deviceId)}
    />
  );
}
