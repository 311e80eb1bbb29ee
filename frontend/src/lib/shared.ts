/** What another app has shared with this one: the worker keeps it (`src/worker/share.ts`) until it was sent or refused. */
const PATH = "/app/share";
const CACHE = "kintsugi.shared";

/** As the worker writes it. */
interface Told {
  text: string;
  files: { name: string; at: string }[];
}

export interface Shared {
  text: string;
  files: readonly File[];
}

/** Null: nothing waits, or this browser keeps nothing. */
export async function readShared(): Promise<Shared | null> {
  const cache = await open();
  const told = await cache?.match(PATH);
  if (cache === null || told === undefined) return null;
  const { text, files: places } = (await told.json()) as Told;
  const files = await Promise.all(
    places.map(async ({ name, at }) => {
      const kept = await cache.match(at);
      return kept === undefined ? null : new File([await kept.blob()], name, { type: kept.headers.get("Content-Type") ?? "" });
    }),
  );
  return { text, files: files.filter((file) => file !== null) };
}

export async function forgetShared(): Promise<void> {
  await storage()?.delete(CACHE);
}

async function open(): Promise<Cache | null> {
  return (await storage()?.open(CACHE)) ?? null;
}

/** Secure contexts only. */
function storage(): CacheStorage | null {
  return (globalThis as Partial<typeof globalThis>).caches ?? null;
}
