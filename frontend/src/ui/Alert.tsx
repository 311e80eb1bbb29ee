import type { ComponentChildren } from "preact";

import styles from "./Alert.module.css";
import { classes } from "./classes";
import { Icon } from "./Icon";
import type { IconName } from "./Icon";
import { toneClass } from "./tone";
import type { Tone } from "./tone";

const LOOKS: Record<"info" | "warning" | "danger", { icon: IconName; tone: Tone }> = {
  info: { icon: "info", tone: "cyan" },
  warning: { icon: "warning", tone: "gold" },
  danger: { icon: "warning", tone: "pink" },
};

interface AlertProps {
  tone?: keyof typeof LOOKS;
  title: string;
  action?: ComponentChildren;
  children?: ComponentChildren;
}

/** Something one should know while on this page; what went wrong is announced at once. */
export function Alert({ tone = "info", title, action, children }: AlertProps) {
  const look = LOOKS[tone];
  return (
    <div class={classes(styles.alert, toneClass(look.tone))} role={tone === "info" ? "status" : "alert"}>
      <Icon name={look.icon} />
      <div class={styles.alertText}>
        <strong>{title}</strong>
        {children && <div>{children}</div>}
        {action}
      </div>
    </div>
  );
}
