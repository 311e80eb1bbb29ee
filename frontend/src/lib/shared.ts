/** What another app has shared with this one: the worker keeps it (`src/worker/share.ts`) until it was sent or refused. */
const PATH = "/app/share";
const CACHE = "kintsugi.shared";

export interface Shared {
  text: string;
  files: readonly File[];
}

/** Null: nothing waits, or this browser keeps nothing. */
export async function readShared(): Promise<Shared | null> {
  const cache = await open();
  const told = await cache?.match(PATH);
  if (cache === null || told === undefined) return null;
  const { text, names } = (await told.json()) as { text: string; names: string[] };
  const files = await Promise.all(
    names.map(async (name, index) => {
      const kept = await cache.match(`${PATH}/${index}`);
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
