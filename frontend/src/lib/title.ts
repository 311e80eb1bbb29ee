import { useEffect, useLayoutEffect } from "preact/hooks";

/** A page with a better name than its route's, such as the title of a chat. */
export function useTitle(title: string | null): void {
  useEffect(() => {
    if (title !== null) document.title = full(title);
  }, [title]);
}

/** The shell's own, run as a layout effect so that a page's `useTitle` has the last word. */
export function useRouteTitle(title: string): void {
  useLayoutEffect(() => {
    document.title = full(title);
  }, [title]);
}

function full(title: string): string {
  return `${title} · Kintsugi`;
}
