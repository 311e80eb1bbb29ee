import { effect, signal } from "@preact/signals";
import { useEffect, useLayoutEffect } from "preact/hooks";

const page = signal<string | null>(null);

/** How much waits to be read, for somebody who looks at another tab. */
export const waiting = signal(0);

/** Something that will not wait, such as a ring: the title says that and nothing else while it is there. */
export const urgent = signal<string | null>(null);

effect(() => {
  if (page.value === null) return;
  if (urgent.value !== null) {
    document.title = urgent.value;
    return;
  }
  const count = waiting.value === 0 ? "" : `(${waiting.value}) `;
  document.title = `${count}${page.value} · Kintsugi`;
});

/** A page with a better name than its route's, such as the title of a chat. */
export function useTitle(title: string | null): void {
  useEffect(() => {
    if (title !== null) page.value = title;
  }, [title]);
}

/** The shell's own, run as a layout effect so that a page's `useTitle` has the last word. */
export function useRouteTitle(title: string): void {
  useLayoutEffect(() => {
    page.value = title;
  }, [title]);
}
