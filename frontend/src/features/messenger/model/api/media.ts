/** Links of files, and stories. */
import { api } from "@/lib/api";
import type { Page } from "@/lib/api";

import type { Person, StoryShape } from "../shapes";
import type { StoryGroup } from "../types";
import { ROOT } from "./urls";

export interface MediaLinks {
  id: string;
  url: string;
  thumbnail_url: string | null;
  expires_at: string;
}

/** Files of messages or stories I may see; the others are left out. */
export async function readMediaLinks(ids: readonly string[]): Promise<MediaLinks[]> {
  return (await api.post<{ results: MediaLinks[] }>(`${ROOT}/media/links`, { ids })).results;
}

export async function listStories(signal?: AbortSignal): Promise<StoryGroup[]> {
  const answer = await api.get<StoryGroup[] | { results: StoryGroup[] }>(`${ROOT}/stories`, { signal });
  return Array.isArray(answer) ? answer : answer.results;
}

export function createStory(story: { media_id: string; caption?: string; client_id?: string }): Promise<StoryShape> {
  return api.post(`${ROOT}/stories`, story);
}

export function deleteStory(id: string): Promise<void> {
  return api.delete(`${ROOT}/stories/${encodeURIComponent(id)}`);
}

export function viewStory(id: string): Promise<void> {
  return api.post(`${ROOT}/stories/${encodeURIComponent(id)}/view`);
}

/** Of my own stories. */
export function listStoryViews(id: string, signal?: AbortSignal): Promise<Page<{ user: Person; viewed_at: string }>> {
  return api.get(`${ROOT}/stories/${encodeURIComponent(id)}/views`, { signal });
}
