import { api } from "@/lib/api";
import type { Page, Schemas } from "@/lib/api";
import { limit } from "@/lib/config";
import { errorText } from "@/lib/errorText";
import { formatDate } from "@/lib/i18n";
import { usePaged } from "@/lib/paged";
import { Button, Card, EmptyState, List, ListItem, Loaded, Switch, toast } from "@/ui";

import styles from "./device.module.css";
import { t } from "./words";

type Device = Schemas["Device"];

async function load(signal: AbortSignal): Promise<Page<Device>> {
  const page = await api.get("/api/push/subscriptions", { query: { limit: limit("max_page_size") }, signal });
  return { ...page, results: page.results.filter((row) => !row.is_this) };
}

export function OtherDevices() {
  const devices = usePaged(load);
  const run = async (work: () => Promise<unknown>, done?: string) => {
    try {
      await work();
      if (done !== undefined) toast(done, { tone: "success" });
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
    }
    devices.reload();
  };
  const nothing = (
    <EmptyState icon="device" title={t("noOthers")}>
      {t("noOthersText")}
    </EmptyState>
  );
  return (
    <Card title={t("others")}>
      <p class={styles.dim}>{t("othersIntro")}</p>
      <Loaded from={devices} empty={nothing} lines={2}>
        {(all) => (
          <List label={t("others")}>
            {all.map((row) => (
              <Row key={row.id} row={row} run={run} />
            ))}
          </List>
        )}
      </Loaded>
    </Card>
  );
}

interface RowProps {
  row: Device;
  run: (work: () => Promise<unknown>, done?: string) => Promise<void>;
}

function Row({ row, run }: RowProps) {
  const path = { subscription_id: row.id };
  const address = "/api/push/subscriptions/{subscription_id}";
  const remove = () => run(() => api.delete(address, { path }), t("removed"));
  const used = row.used_at === null ? [] : [t("used", { when: moment(row.used_at) })];
  return (
    <ListItem
      actions={
        <Button variant="ghost" onClick={remove}>
          {t("remove")}
        </Button>
      }
    >
      <Switch
        label={row.device === "" ? t("unnamed") : row.device}
        hint={[row.host, t("since", { when: formatDate(row.created_at) }), ...used].join(" · ")}
        checked={row.enabled}
        onChecked={(enabled) => void run(() => api.patch(address, { path, body: { enabled } }))}
      />
    </ListItem>
  );
}

function moment(at: string): string {
  return formatDate(at, { dateStyle: "medium", timeStyle: "short" });
}
