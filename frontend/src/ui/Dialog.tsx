import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

import { Button } from "./Button";
import styles from "./Dialog.module.css";
import { IconButton } from "./IconButton";
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

/** A native modal: the browser keeps the focus inside and gives it back to where it was. */
export function Dialog({ open, onClose, title, footer, children }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
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
}

export function ConfirmDialog({ confirmLabel, onConfirm, danger = false, ...dialog }: ConfirmDialogProps) {
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
      <Button onClick={dialog.onClose}>{t("cancel")}</Button>
      <Button variant={danger ? "danger" : "primary"} loading={busy} onClick={confirm}>
        {confirmLabel}
      </Button>
    </>
  );
  return <Dialog {...dialog} footer={footer} />;
}
