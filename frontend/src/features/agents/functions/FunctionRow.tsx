import { useSignal } from "@preact/signals";

import { formatDate } from "@/lib/i18n";
import { Badge, classes, ConfirmDialog, Menu, Switch } from "@/ui";
import type { MenuItem } from "@/ui";

import type { AgentFunction } from "../shapes";
import { t as shared } from "../words";
import styles from "./functions.module.css";
import { t } from "./words";

interface Props {
  row: AgentFunction;
  onSwitch: (isOn: boolean) => Promise<void>;
  onRemove: () => Promise<void>;
  onOpen: (kind: "edit" | "test" | "approve") => void;
}

/** Its name, where it goes, what it does there, and whether it is on. */
export function FunctionRow({ row, onSwitch, onRemove, onOpen }: Props) {
  const isBusy = useSignal(false);
  const isDeleting = useSignal(false);
  const { name } = row;
  const needsLook = needsApproval(row);
  const items: MenuItem[] = [
    { label: t("change"), icon: "edit", onSelect: () => onOpen("edit") },
    { label: t("test"), icon: "play", onSelect: () => onOpen("test") },
    ...(needsLook ? [{ label: t("approve"), icon: "eye" as const, onSelect: () => onOpen("approve") }] : []),
    ...(row.source_id === null
      ? [{ label: t("delete"), icon: "trash" as const, danger: true, onSelect: () => (isDeleting.value = true) }]
      : []),
  ];
  const flip = async (isOn: boolean) => {
    if (isOn && needsLook) {
      onOpen("approve");
      return;
    }
    isBusy.value = true;
    await onSwitch(isOn);
    isBusy.value = false;
  };
  return (
    <li class={classes(styles.row, !row.is_enabled && styles.off)}>
      <div class={styles.words}>
        <button type="button" class={styles.name} onClick={() => onOpen("edit")}>
          {name}
        </button>
        <span class={styles.dim}>{row.host ?? shared("inside")}</span>
        <span class={styles.badges}>
          <Badge tone={row.effect === "write" ? "pink" : "cyan"}>{shared(row.effect)}</Badge>
          {row.confirm !== "never" && <Badge>{t(row.confirm === "owner" ? "asksOwner" : "asks")}</Badge>}
          {row.callable_by === "owner" && <Badge>{t("onlyYou")}</Badge>}
        </span>
        <span class={styles.dim}>
          {row.called_at === null
            ? t("never")
            : t("last", { when: formatDate(row.called_at, { dateStyle: "short", timeStyle: "short" }) })}
        </span>
        {row.changed !== null && <span class={styles.warn}>{t("changed")}</span>}
        {row.problem !== "" && <span class={styles.warn}>{row.problem}</span>}
      </div>
      <div class={styles.actions}>
        <span class={styles.switch}>
          <Switch label={t("on", { name })} checked={row.is_enabled} disabled={isBusy.value} onChecked={(isOn) => void flip(isOn)} />
        </span>
        <Menu label={t("actions", { name })} items={items} />
      </div>
      {isDeleting.value && (
        <ConfirmDialog
          open
          danger
          onClose={() => (isDeleting.value = false)}
          title={t("deleteTitle", { name })}
          confirmLabel={t("delete")}
          onConfirm={onRemove}
        >
          <p>{t("deleteText")}</p>
        </ConfirmDialog>
      )}
    </li>
  );
}

/** What somebody else has written is off until it was looked at, and again when it has changed. */
export function needsApproval(row: AgentFunction): boolean {
  return row.source_id !== null && (row.approved_at === null || row.changed !== null || row.pinned_hash !== row.definition_hash);
}
