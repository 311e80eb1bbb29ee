/** Where the reader is, as a signal. Paths below `/app` belong to the client; every other link is a page load. */
import { computed, signal } from "@preact/signals";

import { takeSpare } from "./back";

const SCOPE = "/app";

const url = signal(new URL(window.location.href));

export const path = computed(() => url.value.pathname.replace(/\/+$/, "") || "/");
export const query = computed(() => url.value.searchParams);

/** Go to a path of the client; `replace` leaves no way back to the present one. */
export function navigate(to: string, { replace = false } = {}): void {
  const next = new URL(to, window.location.origin);
  if (next.href === url.value.href) return;
  if (takeSpare() || replace) window.history.replaceState(null, "", next);
  else window.history.pushState(null, "", next);
  url.value = next;
}

/**
 * Match `/app/chat/:id` style patterns; `:name?` may be missing. Answers the parameters, or null when it does not fit.
 */
export function matchPath(pattern: string, actual: string): Record<string, string> | null {
  const parts = pattern.split("/");
  const given = actual.split("/");
  if (given.length > parts.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const value = given[index];
    if (part.startsWith(":")) {
      if (value !== undefined) params[part.slice(1).replace("?", "")] = decode(value);
      else if (!part.endsWith("?")) return null;
    } else if (part !== value) return null;
  }
  return params;
}

/** Only a path of this client may be gone to after signing in; anything else could be somebody's trap. */
export function safeReturnPath(candidate: string | null, fallback: string): string {
  if (candidate === null) return fallback;
  const target = parse(candidate);
  if (target?.origin !== window.location.origin || !inScope(target.pathname)) return fallback;
  return target.pathname + target.search;
}

/** Follow clicks on the client's own links without a page load, and the browser's back and forward. */
export function startRouter(): void {
  window.addEventListener("popstate", () => {
    url.value = new URL(window.location.href);
  });
  document.addEventListener("click", (event) => {
    const target = linkTarget(event);
    if (target === null) return;
    event.preventDefault();
    navigate(target);
  });
}

function linkTarget(event: MouseEvent): string | null {
  const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  if (event.defaultPrevented || event.button !== 0 || modified) return null;
  const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
  if (link?.target !== "" || link.hasAttribute("download")) return null;
  if (link.origin !== window.location.origin || !inScope(link.pathname)) return null;
  // A link within the page, such as the skip link, stays the browser's.
  if (link.getAttribute("href")?.startsWith("#") === true) return null;
  return link.href;
}

function inScope(pathname: string): boolean {
  return pathname === SCOPE || pathname.startsWith(`${SCOPE}/`);
}

function parse(candidate: string): URL | null {
  try {
    return new URL(candidate, window.location.origin);
  } catch {
    return null;
  }
}

/** A malformed escape in a typed address is shown as typed rather than thrown. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
