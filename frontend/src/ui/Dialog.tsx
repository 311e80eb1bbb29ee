import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { Button } from "./Button";
import styles from "./Dialog.module.css";
import { IconButton } from "./IconButton";
import { canHover } from "./screen";
import { useBack } from "./useBack";
import { t } from "./words";

interface DialogProps {
  open: boolean;
  /** Asked to close by Esc, the cross or a press beside the dialog. */
  onClose: () => void;
  title: string;
  /** The row of buttons at the foot. */
  footer?: ComponentChildren;
  children: ComponentChildren;
}

const FIELDS = "input, textarea, select";
const FIRST = `:is(${FIELDS}, button, a[href]):not(:disabled)`;

/**
 * What one is likely to want: what asks for the focus itself, else the first of the content, else of the foot, rather than
 * the cross. A keyboard that is drawn on the screen does not come up by itself.
 */
function focusFirst(dialog: HTMLDialogElement): void {
  if (dialog.querySelector("[autofocus]") !== null) return;
  const first =
    dialog.querySelector<HTMLElement>(`.${styles.content} ${FIRST}`) ??
    dialog.querySelector<HTMLElement>(`.${styles.footer} ${FIRST}`);
  if (first !== null && (canHover() || !first.matches(FIELDS))) first.focus();
}

/** A native modal: the browser keeps the focus inside and gives it back to where it was; going back closes it. */
export function Dialog({ open, onClose, title, footer, children }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);

  useBack(open, onClose);
  // In the layout, so that one which is taken away while it is open is closed first: only that gives the focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (!open || element === null) return;
    element.showModal();
    focusFirst(element);
    return () => element.close();
  }, [open]);

  return (
    <dialog
      ref={dialog}
      class={styles.dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        // The owner of `open` decides; the element must not close itself behind its back.
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      {open && (
        <div class={styles.body}>
          <header class={styles.header}>
            <h2 id={id}>{title}</h2>
            <IconButton icon="close" label={t("close")} onClick={onClose} />
          </header>
          <div class={styles.content}>{children}</div>
          {footer && <footer class={styles.footer}>{footer}</footer>}
        </div>
      )}
    </dialog>
  );
}

interface ConfirmDialogProps extends Omit<DialogProps, "footer"> {
  confirmLabel: string;
  /** May take time: the button shows it, and the owner closes the dialog when done. */
  onConfirm: () => void | Promise<void>;
  danger?: boolean;
  /** Of the way out, where “Cancel” could mean the very thing that is asked about. */
  cancelLabel?: string;
}

export function ConfirmDialog({ confirmLabel, onConfirm, cancelLabel, danger = false, ...dialog }: ConfirmDialogProps) {
  const [busy, setBusy] = useState(false);

  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
    } finally {
      setBusy(false);
    }
  };

  const footer = (
    <>
      <Button onClick={dialog.onClose}>{cancelLabel ?? t("cancel")}</Button>
      <Button variant={danger ? "danger" : "primary"} loading={busy} onClick={confirm}>
        {confirmLabel}
      </Button>
    </>
  );
  return <Dialog {...dialog} footer={footer} />;
}
