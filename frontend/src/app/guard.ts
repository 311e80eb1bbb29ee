import type { Match } from "./features";

interface Visit {
  path: string;
  search: string;
  match: Match | null;
  signedIn: boolean;
  /** Where one lands by default. */
  home: string;
  /** Where one was going before signing in. */
  next: string;
}

/** Where this visitor must go instead, or null when the page is theirs to see. */
export function redirectFor({ path, search, match, signedIn, home, next }: Visit): string | null {
  if (path === "/app") return signedIn ? home : "/app/login";
  if (match?.route.access === "user" && !signedIn) {
    const wanted = search === "" ? path : `${path}?${search}`;
    return `/app/login?next=${encodeURIComponent(wanted)}`;
  }
  if (match?.route.access === "guest" && signedIn) return next;
  return null;
}
