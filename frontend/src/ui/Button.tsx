import type { ButtonHTMLAttributes, ComponentChildren } from "preact";

import styles from "./Button.module.css";
import { classes } from "./classes";
import { Icon } from "./Icon";
import type { Drawing, IconName } from "./Icon";

interface ButtonProps extends Omit<ButtonHTMLAttributes, "icon" | "disabled"> {
  variant?: "primary" | "secondary" | "danger" | "ghost";
  /** Busy: keeps its place and name, says so to screen readers and cannot be pressed again. */
  loading?: boolean;
  disabled?: boolean;
  full?: boolean;
  icon?: IconName | Drawing;
  /** Makes it a link that looks like a button. */
  href?: string;
  children: ComponentChildren;
}

export function Button({
  variant = "secondary",
  loading = false,
  full = false,
  icon,
  href,
  children,
  disabled = false,
  ...rest
}: ButtonProps) {
  const look = classes(styles.button, styles[variant], full && styles.full, loading && styles.loading);
  const content = (
    <>
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </>
  );
  if (href !== undefined) {
    return (
      <a class={look} href={href} aria-label={rest["aria-label"]}>
        {content}
      </a>
    );
  }
  return (
    <button type="button" {...rest} class={look} disabled={disabled || loading} aria-busy={loading}>
      {content}
    </button>
  );
}
