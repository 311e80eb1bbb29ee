import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

import { classes } from "./classes";
import styles from "./Field.module.css";

export interface FieldProps {
  label: string;
  /** Help that stays visible. */
  hint?: string | undefined;
  /** Replaces the hint and marks the control as invalid. */
  error?: string | null | undefined;
  /** The label is there for screen readers only. */
  hideLabel?: boolean;
}

export interface ControlAttributes {
  id: string;
  class: string;
  "aria-invalid"?: true;
  "aria-describedby"?: string;
}

interface Props extends FieldProps {
  children: (control: ControlAttributes) => ComponentChildren;
}

/** Label, control and message tied together; the control is drawn by the caller with the given attributes. */
export function Field({ label, hint, error, hideLabel = false, children }: Props) {
  const id = useId();
  const message = error ?? hint;
  const control: ControlAttributes = {
    id,
    class: styles.control ?? "",
    ...(error && { "aria-invalid": true }),
    ...(message && { "aria-describedby": `${id}-message` }),
  };
  return (
    <div class={styles.field}>
      <label for={id} class={hideLabel ? "visually-hidden" : styles.label}>
        {label}
      </label>
      {children(control)}
      {/* Always there, so that an error that appears in it is read aloud. */}
      <p id={`${id}-message`} class={classes(styles.message, error && styles.error)} aria-live="polite">
        {message}
      </p>
    </div>
  );
}
