import type { ComponentChildren } from "preact";

import { classes } from "./classes";
import { Icon } from "./Icon";
import type { IconName } from "./Icon";
import styles from "./small.module.css";
import { t } from "./words";

type Tone = "gold" | "pink" | "cyan" | "plain";

export function Badge({ tone = "plain", children }: { tone?: Tone; children: ComponentChildren }) {
  return <span class={classes(styles.badge, styles[tone])}>{children}</span>;
}

/** Grey lines where text will be. */
export function Skeleton({ lines = 3, label = t("loading") }: { lines?: number; label?: string }) {
  return (
    <div class={styles.skeleton} role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} class={styles.bone} />
      ))}
    </div>
  );
}

interface ProgressBarProps {
  value: number;
  max: number;
  /** Its name; shown to screen readers, so say in words beside it what the bar shows. */
  label: string;
  tone?: Exclude<Tone, "plain">;
}

export function ProgressBar({ value, max, label, tone = "gold" }: ProgressBarProps) {
  return (
    <progress class={classes(styles.progress, styles[tone])} aria-label={label} value={Math.min(value, max)} max={max} />
  );
}

const ALERTS: Record<"info" | "warning" | "danger", { icon: IconName; tone: Tone }> = {
  info: { icon: "info", tone: "cyan" },
  warning: { icon: "warning", tone: "gold" },
  danger: { icon: "warning", tone: "pink" },
};

interface AlertProps {
  tone?: keyof typeof ALERTS;
  title: string;
  action?: ComponentChildren;
  children?: ComponentChildren;
}

/** Something one should know while on this page; what went wrong is announced at once. */
export function Alert({ tone = "info", title, action, children }: AlertProps) {
  const look = ALERTS[tone];
  return (
    <div class={classes(styles.alert, styles[look.tone])} role={tone === "info" ? "status" : "alert"}>
      <Icon name={look.icon} />
      <div class={styles.alertText}>
        <strong>{title}</strong>
        {children && <div>{children}</div>}
        {action}
      </div>
    </div>
  );
}

export function Card({ title, children }: { title?: string; children: ComponentChildren }) {
  return (
    <section class={styles.card}>
      {title && <h2>{title}</h2>}
      {children}
    </section>
  );
}

export interface Tab {
  id: string;
  label: string;
  href: string;
}

/** Sections of one screen that have addresses of their own, so they are links and not `role="tab"`. */
export function Tabs({ label, tabs, current }: { label: string; tabs: readonly Tab[]; current: string }) {
  return (
    <nav class={styles.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <a key={tab.id} class={styles.tab} href={tab.href} aria-current={tab.id === current ? "page" : undefined}>
          {tab.label}
        </a>
      ))}
    </nav>
  );
}
