/**
 * What another app shares with the installed client (`share_target` of the manifest). It is kept here until its person says
 * where it goes: they may have to sign in first, and a tab may be closed in between.
 */
import { worker } from "./scope";

const PATH = "/app/share";
/** Read by `src/lib/shared.ts`. */
interface Told {
  text: string;
  files: { name: string; at: string }[];
}
const CACHE = "kintsugi.shared";
const MOST_FILES = 10;
/** Of all files together, in bytes: what no app shares by a press of a thumb. */
const MOST_BYTES = 100 * 1024 * 1024;

/** Null: not shared with us. */
export function shared(request: Request): Promise<Response> | null {
  if (request.method !== "POST") return null;
  const { origin, pathname } = new URL(request.url);
  return origin === worker.location.origin && pathname === PATH ? take(request) : null;
}

async function take(request: Request): Promise<Response> {
  let failed = "";
  try {
    await keep(await request.formData());
  } catch {
    // No room in the browser, or too much at once. The page says so; what was shared before still waits.
    failed = "?failed=1";
  }
  // 303: the page is asked for, and loading it anew shares nothing again.
  return Response.redirect(PATH + failed, 303);
}

async function keep(form: FormData): Promise<void> {
  const words = ["title", "text", "url"].flatMap((name) => {
    const said = form.get(name);
    return typeof said === "string" && said.trim() !== "" ? [said] : [];
  });
  const given = form.getAll("files").filter((one) => one instanceof File && one.size > 0) as File[];
  const files = given.slice(0, MOST_FILES);
  if (files.reduce((sum, { size }) => sum + size, 0) > MOST_BYTES) throw new Error("too much at once");
  const cache = await caches.open(CACHE);
  const before = await cache.keys();
  const mine = `${PATH}/${crypto.randomUUID()}`;
  for (const [index, file] of files.entries()) {
    await cache.put(`${mine}/${index}`, new Response(file, { headers: { "Content-Type": file.type } }));
  }
  const text = [...new Set(words)].join("\n");
  const told: Told = { text, files: files.map(({ name }, index) => ({ name, at: `${mine}/${index}` })) };
  await cache.put(PATH, Response.json(told));
  // The last that was shared is what is meant; what was before goes when this is safe.
  for (const key of before) if (new URL(key.url).pathname !== PATH) await cache.delete(key);
}
