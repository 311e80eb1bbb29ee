import styles from "./Tabs.module.css";

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
