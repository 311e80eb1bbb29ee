import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { path } from "@/lib/router";
import { classes, Icon, placeBeside } from "@/ui";

import type { NavEntry } from "./feature";
import styles from "./Navigation.module.css";
import { t } from "./words";

/** So many have a telephone's bar to themselves; of more than that, the first ones share it with a menu of the rest. */
const MOST = 5;

/** The pages of all features: a column at a desk, a bar below everything on a telephone. */
export function Navigation({ entries }: { entries: readonly NavEntry[] }) {
  const rest = entries.length > MOST ? entries.slice(MOST - 1) : [];
  return (
    <nav class={styles.nav} aria-label={t("navigation")}>
      <ul class={styles.bar}>
        {entries.map((entry) => (
          <li key={entry.href} class={classes(rest.includes(entry) && styles.folded)}>
            <Entry entry={entry} />
          </li>
        ))}
        {rest.length > 0 && (
          <li class={styles.more}>
            <Rest entries={rest} />
          </li>
        )}
      </ul>
    </nav>
  );
}

function Entry({ entry, onClick }: { entry: NavEntry; onClick?: () => void }) {
  return (
    <a href={entry.href} aria-current={isCurrent(entry) ? "page" : undefined} onClick={onClick}>
      <Icon name={entry.icon} />
      <span>{entry.label()}</span>
      <NavBadge badge={entry.badge?.() ?? null} />
    </a>
  );
}

function Rest({ entries }: { entries: readonly NavEntry[] }) {
  const id = useId();
  const anchor = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const waiting = entries.flatMap(({ badge }) => badge?.() ?? []);

  useLayoutEffect(() => {
    if (!isOpen || !panel.current || !anchor.current) return;
    placeBeside(panel.current, anchor.current, "end");
    panel.current.querySelector("a")?.focus();
  }, [isOpen]);
  return (
    <>
      <button
        ref={anchor}
        type="button"
        class={classes(entries.some(isCurrent) && styles.current)}
        aria-expanded={isOpen}
        popovertarget={id}
      >
        <Icon name="menu" />
        <span>{t("menu")}</span>
        {waiting.length > 0 && (
          <NavBadge
            badge={{
              count: waiting.reduce((sum, { count }) => sum + count, 0),
              label: waiting.map(({ label }) => label).join(", "),
            }}
          />
        )}
      </button>
      <div ref={panel} id={id} popover="auto" class={styles.panel} onToggle={(event) => setOpen(event.newState === "open")}>
        {isOpen && (
          <ul>
            {entries.map((entry) => (
              <li key={entry.href}>
                <Entry entry={entry} onClick={() => panel.current?.hidePopover()} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </>
  );
}

function NavBadge({ badge }: { badge: { count: number; label: string } | null }) {
  if (badge === null) return null;
  return (
    <span class={styles.badge} role="img" aria-label={badge.label}>
      {badge.count > 99 ? "99+" : badge.count}
    </span>
  );
}

function isCurrent({ href, also = [] }: NavEntry): boolean {
  return [href, ...also].some((one) => isWithin(path.value, one));
}

function isWithin(current: string, href: string): boolean {
  return current === href || current.startsWith(`${href}/`);
}
