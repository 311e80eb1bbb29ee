/**
 * The client without a network: its page, and the assets that are named by their content.
 *
 * Nothing else is ever kept here, above all no answer of the API: those are somebody's own, and this cache is the browser's,
 * whoever signs in next. The page is the same for everybody who sees it; what is personal lies in IndexedDB, one database for
 * each person, and goes when they sign out.
 *
 * The page is kept whole, body and headers, so that the nonce of its policy is the one its scripts carry. A nonce that is used
 * again is no weaker here: whoever could put a script into what this browser has stored needs no nonce any more.
 */
import { release, worker } from "./scope";

const PREFIX = "kintsugi.shell.";
const CACHE = PREFIX + release.id;
const SHELL = "/app";
const ASSETS = "/static/assets/";
/** A network that has not answered by then may as well be none: what is kept is shown. */
const PATIENCE_MS = 4_000;

/** Everything or nothing: a release that is half here must not take over. */
export async function keepRelease(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll([...release.assets]);
  const page = await fetch(SHELL, { cache: "no-cache" });
  if (!(await keepPage(page))) throw new Error("The server has another release than this worker.");
}

/**
 * An open tab goes on with the release it began with, whose parts it may still have to fetch: the one before this is kept,
 * those before it go.
 */
export async function dropOldReleases(): Promise<void> {
  // In the order in which they were made.
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(names.slice(0, -1).map((name) => caches.delete(name)));
}

/** Null: none of the worker's business, and the browser asks the network as if there were no worker. */
export function answer(event: FetchEvent): Promise<Response> | null {
  const { request } = event;
  if (request.method !== "GET") return null;
  const { origin, pathname } = new URL(request.url);
  if (origin !== worker.location.origin) return null;
  if (request.mode === "navigate") return isClient(pathname) ? page(request, event.preloadResponse as Promise<Response | undefined>) : null;
  if (pathname.startsWith(ASSETS) || release.assets.includes(pathname)) return asset(request);
  return null;
}

function isClient(pathname: string): boolean {
  return pathname === SHELL || pathname.startsWith(`${SHELL}/`);
}

/** The server's page while it answers in time, so that a release and a changed configuration are seen at once; else what is kept. */
async function page(request: Request, preloaded: Promise<Response | undefined>): Promise<Response> {
  const asked = (async () => (await preloaded) ?? fetch(request))();
  const kept = await (await caches.open(CACHE)).match(SHELL, { ignoreVary: true });
  if (kept === undefined) return asked;
  const answered = await Promise.race([asked.catch(() => null), after(PATIENCE_MS)]);
  if (answered === null || answered.status >= 500) return kept;
  void keepPage(answered.clone());
  return answered;
}

/** Whether it was of this release: another's would lack its scripts without a network. */
async function keepPage(response: Response): Promise<boolean> {
  if (!response.ok || response.redirected) return false;
  if (!(await response.clone().text()).includes(release.entry)) return false;
  await (await caches.open(CACHE)).put(SHELL, response);
  return true;
}

/** What is named by its content is the same in every release that has it. */
async function asset(request: Request): Promise<Response> {
  const kept = await caches.match(request, { ignoreVary: true });
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (response.status === 200) void (await caches.open(CACHE)).put(request, response.clone());
  return response;
}

function after(ms: number): Promise<null> {
  return new Promise((done) => setTimeout(() => done(null), ms));
}
