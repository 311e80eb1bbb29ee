import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import { safeFileName, saveResponse } from "@/lib/saveFile";
import { Badge, Button, Dialog, Icon, Select, Switch } from "@/ui";
import type { IconName } from "@/ui";

import { useMessenger } from "../context";
import type { ConversationShape, Settings } from "../model";
import { exportConversation, findDate } from "../model/api";
import { attempt } from "../parts/attempt";
import { dayKey } from "../parts/format";
import { DayField } from "../search/DayField";
import styles from "./group.module.css";
import type { PanelPage } from "./pages";
import { t } from "./words";

interface OverviewProps {
  shape: ConversationShape;
  isAdmin: boolean;
  onPage: (page: PanelPage) => void;
  onSearch: () => void;
  onJump: (seq: number) => void;
  /** What other features say of it. */
  children: ComponentChildren;
}

/** What leads elsewhere, and one's own settings. */
export function Overview({ shape, isAdmin, onPage, onSearch, onJump, children }: OverviewProps) {
  const asking = useSignal(false);
  return (
    <>
      <div class={styles.tools}>
        <Button icon="search" onClick={onSearch}>
          {t("search")}
        </Button>
        <Button icon="calendar" onClick={() => (asking.value = true)}>
          {t("toDay")}
        </Button>
      </div>
      <nav class={styles.ways} aria-label={shape.name}>
        {shape.type === "group" && (
          <Way icon="users" label={t("members")} count={shape.participant_count} onGo={() => onPage("members")} />
        )}
        <Way icon="pin" label={t("pins")} count={shape.pinned_message_ids.length} onGo={() => onPage("pins")} />
        <Way icon="image" label={t("media")} onGo={() => onPage("media")} />
        {isAdmin && <Way icon="link" label={t("invites")} onGo={() => onPage("invites")} />}
      </nav>
      {children}
      <OwnSettings shape={shape} />
      <Export shape={shape} />
      {asking.value && <DayDialog id={shape.id} onClose={() => (asking.value = false)} onJump={onJump} />}
    </>
  );
}

interface WayProps {
  icon: IconName;
  label: string;
  count?: number;
  onGo: () => void;
}

function Way({ icon, label, count = 0, onGo }: WayProps) {
  return (
    <button type="button" class={styles.way} onClick={onGo}>
      <Icon name={icon} />
      <span class={styles.wayLabel}>{label}</span>
      {count > 0 && <Badge tone="gold">{count}</Badge>}
      <Icon name="right" size="s" />
    </button>
  );
}

const LEVELS = ["all", "mentions", "none"] as const;

function OwnSettings({ shape }: { shape: ConversationShape }) {
  const messenger = useMessenger();
  const busy = useSignal(false);
  const set = async (change: Partial<Settings>) => {
    busy.value = true;
    await attempt(() => messenger.setSettings(shape.id, change));
    busy.value = false;
  };
  return (
    <section class={styles.settings}>
      <Select
        label={t("notify")}
        hint={t("notifyHint")}
        value={shape.notify}
        disabled={busy.value}
        options={LEVELS.map((level) => ({ value: level, label: t(level) }))}
        onValue={(value) => void set({ notify: LEVELS.find((level) => level === value) ?? "all" })}
      />
      <Switch
        label={t("pin")}
        hint={t("pinHint")}
        checked={shape.is_pinned}
        disabled={busy.value}
        onChecked={(on) => void set({ is_pinned: on })}
      />
      <Switch
        label={t("archive")}
        hint={t("archiveHint")}
        checked={shape.is_archived}
        disabled={busy.value}
        onChecked={(on) => void set({ is_archived: on })}
      />
    </section>
  );
}

function Export({ shape }: { shape: ConversationShape }) {
  const busy = useSignal<"json" | "txt" | null>(null);
  const save = async (format: "json" | "txt") => {
    busy.value = format;
    const name = `${safeFileName(shape.name, "conversation")}.${format}`;
    await attempt(async () => saveResponse(await exportConversation(shape.id, format), name));
    busy.value = null;
  };
  return (
    <section class={styles.section}>
      <h3>{t("export")}</h3>
      <p class={styles.dim}>{t("exportHint")}</p>
      <div class={styles.tools}>
        <Button icon="download" loading={busy.value === "txt"} onClick={() => save("txt")}>
          {t("exportText")}
        </Button>
        <Button icon="download" loading={busy.value === "json"} onClick={() => save("json")}>
          {t("exportJson")}
        </Button>
      </div>
    </section>
  );
}

interface DayDialogProps {
  id: string;
  onClose: () => void;
  onJump: (seq: number) => void;
}

function DayDialog({ id, onClose, onJump }: DayDialogProps) {
  const today = dayKey(new Date());
  const day = useSignal(today);
  const busy = useSignal(false);
  const nothing = useSignal(false);

  const go = async () => {
    busy.value = true;
    nothing.value = false;
    await attempt(async () => {
      const { seq } = await findDate(id, day.value);
      if (seq === null) {
        nothing.value = true;
        return;
      }
      onClose();
      onJump(seq);
    });
    busy.value = false;
  };
  const footer = (
    <>
      <Button onClick={onClose}>{t("cancel")}</Button>
      <Button variant="primary" loading={busy.value} disabled={day.value === ""} onClick={go}>
        {t("go")}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title={t("toDay")} footer={footer}>
      <DayField
        label={t("day")}
        value={day.value}
        max={today}
        error={nothing.value ? t("nothingThatDay") : null}
        onValue={(value) => {
          day.value = value;
          nothing.value = false;
        }}
      />
    </Dialog>
  );
}
