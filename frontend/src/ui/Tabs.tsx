import { useLayoutEffect, useRef } from "preact/hooks";

import styles from "./Tabs.module.css";

export interface Tab {
  id: string;
  label: string;
  href: string;
}

/** Sections of one screen that have addresses of their own, so they are links and not `role="tab"`. */
export function Tabs({ label, tabs, current }: { label: string; tabs: readonly Tab[]; current: string }) {
  const nav = useRef<HTMLElement>(null);
  // Where they do not all fit, the one that is shown is in sight. Only the row is moved, never the page.
  useLayoutEffect(() => {
    const shown = nav.current?.querySelector<HTMLElement>("[aria-current]");
    if (nav.current && shown) nav.current.scrollLeft = shown.offsetLeft - nav.current.offsetLeft - (nav.current.clientWidth - shown.offsetWidth) / 2;
  }, [current]);
  return (
    <nav ref={nav} class={styles.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <a key={tab.id} class={styles.tab} href={tab.href} aria-current={tab.id === current ? "page" : undefined}>
          {tab.label}
        </a>
      ))}
    </nav>
  );
}
