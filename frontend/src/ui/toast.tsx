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
  /** It can wait: it stands behind until nobody is asked anything. */
  isOffer?: boolean;
}

interface Toast extends ToastOptions {
  id: number;
  message: string;
}

const toasts = signal<readonly Toast[]>([]);
const questions = signal(0);
let lastId = 0;

/** Say something that needs no answer; it leaves by itself. */
export function toast(message: string, options: ToastOptions = {}): void {
  toasts.value = [...toasts.value, { id: ++lastId, message, ...options }];
}

/** While what calls this is on the page its person is asked something: no offer covers it. */
export function useQuestion(): void {
  useLayoutEffect(() => {
    questions.value += 1;
    return () => {
      questions.value -= 1;
    };
  }, []);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((shown) => shown.id !== id);
}

/** Stands once in the shell. A popover, because only the top layer is seen above an open dialog. */
export function ToastRegion() {
  const region = useRef<HTMLDivElement>(null);
  const isAsked = questions.value > 0;
  const shown = toasts.value.filter(({ isOffer }) => !(isAsked && isOffer));
  const ids = shown.map(({ id }) => id).join();

  useLayoutEffect(() => {
    region.current?.hidePopover();
    if (ids !== "") region.current?.showPopover();
  }, [ids]);

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
  const { id, action } = item;
  useLayoutEffect(() => {
    const timer = setTimeout(() => dismiss(id), action ? SHOWN_WITH_ACTION_MS : SHOWN_MS);
    return () => clearTimeout(timer);
  }, [id, action]);
  const run = () => {
    dismiss(id);
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
      <IconButton icon="close" label={t("close")} onClick={() => dismiss(id)} />
    </div>
  );
}
