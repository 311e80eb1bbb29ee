import { useState } from "preact/hooks";

import { api, currentUser, updateUser } from "@/lib/api";
import type { Schemas } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { ownTimeZone } from "@/lib/quiet";
import { useResource } from "@/lib/resource";
import { Button, Card, Loaded, Select, Switch, toast } from "@/ui";
import { Field } from "@/ui/Field";

import styles from "./device.module.css";
import { t } from "./words";

type Preferences = Schemas["Preferences"];

const NIGHT = { quiet_from: "22:00", quiet_until: "07:00" };

function load(signal: AbortSignal): Promise<Preferences> {
  return api.get("/api/push/preferences", { signal });
}

export function QuietHoursForm() {
  const preferences = useResource(load);
  return (
    <Card title={t("quiet")}>
      <div class={styles.loaded}>
        <Loaded from={preferences} lines={3}>
          {(loaded) => <Form loaded={loaded} />}
        </Loaded>
      </div>
    </Card>
  );
}

function Form({ loaded }: { loaded: Preferences }) {
  const [isOn, setIsOn] = useState(loaded.quiet_from !== null);
  const [from, setFrom] = useState(loaded.quiet_from ?? NIGHT.quiet_from);
  const [until, setUntil] = useState(loaded.quiet_until ?? NIGHT.quiet_until);
  const told = currentUser.value?.time_zone ?? "";
  const [zone, setZone] = useState(told === "" ? ownTimeZone() : told);
  const [busy, setBusy] = useState(false);

  const save = async () => {
    setBusy(true);
    try {
      const body = isOn ? { quiet_from: from, quiet_until: until } : { quiet_from: null, quiet_until: null };
      if (isOn && zone !== told) updateUser((await api.patch("/api/auth/me", { body: { time_zone: zone } })).user);
      await api.put("/api/push/preferences", { body });
      toast(t("saved"), { tone: "success" });
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
    }
    setBusy(false);
  };
  return (
    <form
      class={styles.rows}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <p class={styles.dim}>{t("quietIntro")}</p>
      <Switch label={t("quietOn")} checked={isOn} onChecked={setIsOn} />
      {isOn && (
        <>
          <div class={styles.hours}>
            <Clock label={t("from")} value={from} onValue={setFrom} />
            <Clock label={t("until")} value={until} onValue={setUntil} />
          </div>
          <Select label={t("zone")} options={zones(zone)} value={zone} onValue={setZone} />
        </>
      )}
      <div>
        <Button type="submit" variant="primary" loading={busy} disabled={isOn && (from === "" || until === "")}>
          {t("save")}
        </Button>
      </div>
    </form>
  );
}

function Clock({ label, value, onValue }: { label: string; value: string; onValue: (value: string) => void }) {
  return (
    <Field label={label}>
      {(control) => (
        <input {...control} type="time" required value={value} onInput={(event) => onValue(event.currentTarget.value)} />
      )}
    </Field>
  );
}

/** Those this browser knows, and the one that is set, should it not be among them. */
function zones(chosen: string): { value: string; label: string }[] {
  const known = Intl.supportedValuesOf("timeZone");
  const all = known.includes(chosen) || chosen === "" ? known : [chosen, ...known];
  return all.map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }));
}
