/** A document while it is translated: what the socket tells at once, and a poll says the same. */
import { useCallback, useEffect } from "preact/hooks";

import { currentSocket, subscribe } from "@/lib/realtime";
import type { Frame } from "@/lib/realtime";
import { useResource } from "@/lib/resource";
import type { Resource } from "@/lib/resource";

import type { Chunk, Stage, TranslatedDocument } from "../shapes";
import { readDocument } from "./api";

/** The socket is never the record: without it this is how one hears, with it this is what makes up for a lost event. */
const POLL_MS = 2_500;
const POLL_WITH_SOCKET_MS = 10_000;

const LIVE: readonly Stage[] = ["inspecting", "paying", "queued", "working", "waiting_tokens", "waiting_service", "merging"];

/** Something happens without anybody's doing. */
export function isLive({ stage }: Pick<TranslatedDocument, "stage">): boolean {
  return LIVE.includes(stage);
}

/** Always the same document, as it is now. */
export function useDocument(id: string): Resource<TranslatedDocument> {
  const load = useCallback((signal: AbortSignal) => readDocument(id, signal), [id]);
  const resource = useResource(load);
  const { data, reload, set } = resource;
  const live = data !== null && isLive(data);

  useEffect(() => {
    if (!live) return;
    const timer = setInterval(reload, currentSocket.value === null ? POLL_MS : POLL_WITH_SOCKET_MS);
    return () => clearInterval(timer);
  }, [live, reload]);

  useEffect(
    () =>
      subscribe("translation.updated", (frame) => {
        if (isOf(frame, id)) reload();
      }),
    [id, reload],
  );
  useEffect(
    () =>
      subscribe("translation.progressed", (frame) => {
        if (data !== null && isOf(frame, id)) set(progressed(data, frame.payload as Progressed));
      }),
    [id, data, set],
  );
  return resource;
}

export interface Progressed {
  id: string;
  progress: number;
  chunk: Pick<Chunk, "number" | "state" | "progress">;
}

/** A document after one of its parts went on. A part that is done stays it: what comes late is older. */
export function progressed(document: TranslatedDocument, { progress, chunk }: Progressed): TranslatedDocument {
  const change = (one: Chunk): Chunk => (one.number === chunk.number && one.state !== "done" ? { ...one, ...chunk } : one);
  return { ...document, progress: Math.max(document.progress, progress), chunks: document.chunks.map(change) };
}

/** Something of the list has come to another stage, or is gone, on whichever device. */
export function useTold(reload: () => void): void {
  useEffect(() => {
    const ends = [subscribe("translation.updated", reload), subscribe("translation.deleted", reload)];
    return () => ends.forEach((end) => end());
  }, [reload]);
}

function isOf(frame: Frame, id: string): boolean {
  return (frame.payload as { id?: string } | undefined)?.id === id;
}
