import { useSignal } from "@preact/signals";

import { errorText } from "@/lib/errorText";
import { dictionary } from "@/lib/i18n";
import { useResource } from "@/lib/resource";
import { Card, Loaded, Select, Switch, toast } from "@/ui";

import { readSettings, saveSettings } from "./model/api";
import type { CallSettings } from "./model/shapes";
import styles from "./page.module.css";

const t = dictionary({
  en: {
    title: "Calls",
    ring: "Calls ring",
    ringHint: "Otherwise they are shown without a sound, on all your devices.",
    hide: "Hide my address",
    hideHint: "Whoever you talk to directly can learn your network address. Hidden, what you say is relayed, which takes a little longer.",
    hide_never: "From nobody",
    hide_strangers: "From people I have no conversation with",
    hide_always: "From everybody",
    devices: "Microphone, camera and speaker are chosen in a call, for each device by itself.",
    saved: "Saved",
  },
  uk: {
    title: "Дзвінки",
    ring: "Дзвінки лунають",
    ringHint: "Інакше їх показано без звуку на всіх ваших пристроях.",
    hide: "Приховувати мою адресу",
    hideHint: "Той, з ким ви говорите напряму, може дізнатися вашу мережеву адресу. Коли її приховано, розмова йде через ретранслятор, а це трохи довше.",
    hide_never: "Ні від кого",
    hide_strangers: "Від тих, з ким я не маю розмови",
    hide_always: "Від усіх",
    devices: "Мікрофон, камеру й динамік обирають у дзвінку, для кожного пристрою окремо.",
    saved: "Збережено",
  },
});

const WAYS = ["never", "strangers", "always"] as const;

export default function CallSettingsSection() {
  const settings = useResource(readSettings);
  return (
    <Card title={t("title")}>
      <Loaded from={settings}>{(data) => <Form settings={data} onSaved={settings.set} />}</Loaded>
    </Card>
  );
}

function Form({ settings, onSaved }: { settings: CallSettings; onSaved: (settings: CallSettings) => void }) {
  const isBusy = useSignal(false);
  const save = async (wanted: CallSettings) => {
    isBusy.value = true;
    try {
      onSaved(await saveSettings(wanted));
      toast(t("saved"), { tone: "success" });
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
    }
    isBusy.value = false;
  };
  return (
    <div class={styles.rows}>
      <Switch
        label={t("ring")}
        hint={t("ringHint")}
        checked={settings.ring}
        disabled={isBusy.value}
        onChecked={(ring) => void save({ ...settings, ring })}
      />
      <Select
        label={t("hide")}
        hint={t("hideHint")}
        value={settings.hide_address}
        disabled={isBusy.value}
        options={WAYS.map((way) => ({ value: way, label: t(`hide_${way}`) }))}
        onValue={(value) => {
          const way = WAYS.find((one) => one === value);
          if (way !== undefined) void save({ ...settings, hide_address: way });
        }}
      />
      <p class={styles.dim}>{t("devices")}</p>
    </div>
  );
}
