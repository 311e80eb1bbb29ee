/**
 * What another app shares with the installed client (`share_target` of the manifest). It is kept here until its person says
 * where it goes: they may have to sign in first, and a tab may be closed in between.
 */
import { worker } from "./scope";

const PATH = "/app/share";
/** Read by `src/lib/shared.ts`. */
const CACHE = "kintsugi.shared";
const MOST_FILES = 10;

/** Null: not shared with us. */
export function shared(request: Request): Promise<Response> | null {
  if (request.method !== "POST") return null;
  const { origin, pathname } = new URL(request.url);
  return origin === worker.location.origin && pathname === PATH ? take(request) : null;
}

async function take(request: Request): Promise<Response> {
  const form = await request.formData();
  const words = ["title", "text", "url"].flatMap((name) => {
    const said = form.get(name);
    return typeof said === "string" && said.trim() !== "" ? [said] : [];
  });
  const files = form.getAll("files").filter((one) => one instanceof File && one.size > 0) as File[];
  const cache = await caches.open(CACHE);
  // The last that was shared is what is meant.
  for (const key of await cache.keys()) await cache.delete(key);
  const kept = files.slice(0, MOST_FILES);
  for (const [index, file] of kept.entries()) {
    await cache.put(`${PATH}/${index}`, new Response(file, { headers: { "Content-Type": file.type } }));
  }
  const text = [...new Set(words)].join("\n");
  await cache.put(PATH, Response.json({ text, names: kept.map(({ name }) => name) }));
  // 303: the page is asked for, and loading it anew shares nothing again.
  return Response.redirect(PATH, 303);
}
