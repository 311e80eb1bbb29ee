/** A document as it is made: what the socket tells at once, and a poll says the same. */
import { useCallback, useEffect } from "preact/hooks";

import { currentSocket, subscribe } from "@/lib/realtime";
import type { Frame } from "@/lib/realtime";
import { useResource } from "@/lib/resource";
import type { Resource } from "@/lib/resource";

import type { PaperDocument, Run, SectionStatus } from "../shapes";
import { readDocument } from "./api";

/** The socket is never the record: without it this is how one hears, with it this is what makes up for a lost event. */
const POLL_MS = 2_500;
const POLL_WITH_SOCKET_MS = 10_000;

const LIVE_RUNS: readonly Run["status"][] = ["queued", "running", "paused"];
const JOB_EVENTS = ["job_started", "job_progress", "job_completed", "job_failed"] as const;

export function isLive(run: Run | null): boolean {
  return run !== null && LIVE_RUNS.includes(run.status);
}

const WORKING: readonly SectionStatus[] = ["researching", "writing", "checking", "styling"];

export function isAtWork(status: SectionStatus): boolean {
  return WORKING.includes(status);
}

export interface Progressed {
  job_id: string;
  document_id: string;
  status: Run["status"];
  progress: number;
  section: number | null;
  error: Run["error"];
}

/** A document after its run went on. What is told of another run, or of less than is known, is older. */
export function progressed(document: PaperDocument, { job_id: id, ...told }: Progressed): PaperDocument {
  const { run } = document;
  if (run?.job_id !== id || !isLive(run) || told.progress < run.progress) return document;
  return { ...document, run: { ...run, status: told.status, progress: told.progress, section: told.section, error: told.error } };
}

/** Always the same document, as it is now. */
export function useDocument(id: string): Resource<PaperDocument> {
  const load = useCallback((signal: AbortSignal) => readDocument(id, signal), [id]);
  const resource = useResource(load);
  const { data, reload, set } = resource;
  const live = data !== null && isLive(data.run);

  useEffect(() => {
    if (!live) return;
    const timer = setInterval(reload, currentSocket.value === null ? POLL_MS : POLL_WITH_SOCKET_MS);
    return () => clearInterval(timer);
  }, [live, reload]);

  useEffect(() => {
    const hear = (frame: Frame) => {
      if (!isOf(frame, id)) return;
      if (frame.type === "job_progress" && data !== null) set(progressed(data, frame.payload as Progressed));
      reload();
    };
    const ends = [...JOB_EVENTS, "document.updated"].map((type) => subscribe(type, hear));
    return () => ends.forEach((end) => end());
  }, [id, data, reload, set]);
  return resource;
}

/** Something of the list has changed, on whichever device. */
export function useTold(reload: () => void): void {
  useEffect(() => {
    const ends = ["document.updated", "document.deleted"].map((type) => subscribe(type, reload));
    return () => ends.forEach((end) => end());
  }, [reload]);
}

function isOf(frame: Frame, id: string): boolean {
  const told = frame.payload as { id?: string; document_id?: string } | undefined;
  return (told?.document_id ?? told?.id) === id;
}
