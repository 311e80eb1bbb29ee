import type { ButtonHTMLAttributes } from "preact";

import { classes } from "./classes";
import { Icon } from "./Icon";
import type { Drawing, IconName } from "./Icon";
import styles from "./IconButton.module.css";
import { Tooltip } from "./Tooltip";

interface IconButtonProps extends Omit<ButtonHTMLAttributes, "icon" | "label"> {
  icon: IconName | Drawing;
  /** Its name: read aloud, and shown on hover and focus. */
  label: string;
  /** For a control that is on or off, such as a pin. */
  pressed?: boolean;
  variant?: "plain" | "framed" | "primary";
}

export function IconButton({ icon, label, pressed, variant = "plain", ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} isName>
      <button
        type="button"
        {...rest}
        class={classes(styles.button, styles[variant])}
        aria-label={label}
        {...(pressed !== undefined && { "aria-pressed": pressed })}
      >
        <Icon name={icon} />
      </button>
    </Tooltip>
  );
}
