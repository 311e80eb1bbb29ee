import { Card, crosshair, setCrosshair, Switch } from "@/ui";

import { t } from "./words";

/** How it looks in this browser; nothing of it is told to the server. */
export function LookSection() {
  return (
    <Card title={t("look")}>
      <Switch
        label={t("crosshair")}
        hint={t("crosshairHint")}
        checked={crosshair.value}
        onChecked={setCrosshair}
      />
    </Card>
  );
}
