import { useSignal } from "@preact/signals";

import { api } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { install, installOffer } from "@/lib/install";
import { change, deviceId, permission, show, turnOff, turnOn, wishes } from "@/lib/notices";
import { Alert, Button, Card, Switch, toast } from "@/ui";

import styles from "./device.module.css";
import { OtherDevices } from "./OtherDevices";
import { QuietHoursForm } from "./QuietHoursForm";
import { t } from "./words";

/** When one is told of something, and where. */
export default function NoticesSection() {
  return (
    <div class={styles.sections}>
      <ThisDevice />
      <QuietHoursForm />
      <OtherDevices />
    </div>
  );
}

function ThisDevice() {
  const busy = useSignal(false);
  const allowed = useSignal(permission());
  const run = async (work: () => Promise<unknown>) => {
    busy.value = true;
    try {
      await work();
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
    }
    allowed.value = permission();
    busy.value = false;
  };
  const { isOn, showsText, hasSound } = wishes.value;
  const isWorking = isOn && allowed.value === "granted";
  return (
    <Card title={t("thisDevice")}>
      <div class={styles.rows}>
        <Obstacle allowed={allowed.value} />
        <Switch
          label={t("on")}
          hint={t("onHint")}
          checked={isWorking}
          disabled={busy.value || allowed.value === "unsupported" || allowed.value === "denied"}
          onChecked={(on) => void run(on ? turnOn : turnOff)}
        />
        {isWorking && (
          <>
            {deviceId.value === null && !busy.value && <p class={styles.dim}>{t("onlyOpen")}</p>}
            <Switch
              label={t("text")}
              hint={t("textHint")}
              checked={showsText}
              disabled={busy.value}
              onChecked={(on) => void run(() => change({ showsText: on }))}
            />
            <Switch
              label={t("sound")}
              hint={t("soundHint")}
              checked={hasSound}
              disabled={busy.value}
              onChecked={(on) => void run(() => change({ hasSound: on }))}
            />
            <div>
              <Button onClick={() => void run(tryOut)} loading={busy.value}>
                {t("test")}
              </Button>
            </div>
          </>
        )}
        <p class={styles.dim}>{t("perConversation")}</p>
        {installOffer.value !== null && (
          <div>
            <Button icon="download" onClick={() => void install()}>
              {t("install")}
            </Button>
          </div>
        )}
      </div>
    </Card>
  );
}

function Obstacle({ allowed }: { allowed: ReturnType<typeof permission> }) {
  if (allowed === "unsupported") return <Alert title={t("unsupported")}>{t("unsupportedText")}</Alert>;
  if (allowed !== "denied") return null;
  return (
    <Alert tone="warning" title={t("denied")}>
      {t("deniedText")}
    </Alert>
  );
}

/** All the way round where push reaches this browser, and by this tab where it does not. */
async function tryOut(): Promise<void> {
  const id = deviceId.value;
  if (id === null) await show({ title: t("testTitle"), body: t("testBody"), tag: "trial", url: "/app/settings/notices" });
  else await api.post("/api/push/subscriptions/{subscription_id}/test", { path: { subscription_id: id } });
  toast(t("tested"), { tone: "success" });
}
