import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

import { classes } from "./classes";
import { IconButton } from "./IconButton";
import styles from "./toast.module.css";
import { t } from "./words";

const SHOWN_MS = 6000;
const SHOWN_WITH_ACTION_MS = 12_000;

interface ToastOptions {
  tone?: "info" | "success" | "danger";
  action?: { label: string; onSelect: () => void };
}

interface Toast extends ToastOptions {
  id: number;
  message: string;
}

const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

/** Say something that needs no answer; it leaves by itself. */
export function toast(message: string, options: ToastOptions = {}): void {
  const id = ++lastId;
  toasts.value = [...toasts.value, { id, message, ...options }];
  setTimeout(() => dismiss(id), options.action ? SHOWN_WITH_ACTION_MS : SHOWN_MS);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((shown) => shown.id !== id);
}

/** Stands once in the shell. A popover, because only the top layer is seen above an open dialog. */
export function ToastRegion() {
  const region = useRef<HTMLDivElement>(null);
  const shown = toasts.value;

  useLayoutEffect(() => {
    region.current?.hidePopover();
    if (shown.length > 0) region.current?.showPopover();
  }, [shown]);

  return (
    <>
      <div ref={region} popover="manual" class={styles.region}>
        {shown.map((item) => (
          <ToastCard key={item.id} item={item} />
        ))}
      </div>
      {/* A live region must be in the page before it speaks, which a hidden popover is not. */}
      <div role="status" aria-live="polite" aria-label={t("notifications")} class="visually-hidden">
        {shown.map((item) => (
          <p key={item.id}>{item.message}</p>
        ))}
      </div>
    </>
  );
}

function ToastCard({ item }: { item: Toast }) {
  const { action } = item;
  const run = () => {
    dismiss(item.id);
    action?.onSelect();
  };
  return (
    <div class={classes(styles.toast, styles[item.tone ?? "info"])}>
      <p class={styles.message}>{item.message}</p>
      {action && (
        <button type="button" class={styles.action} onClick={run}>
          {action.label}
        </button>
      )}
      <IconButton icon="close" label={t("close")} onClick={() => dismiss(item.id)} />
    </div>
  );
}
