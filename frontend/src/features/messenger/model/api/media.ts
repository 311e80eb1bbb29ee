/** Links of files, and stories. */
import { api } from "@/lib/api";
import type { Page } from "@/lib/api";

import type { MediaLink, SeenStory, StoryGroup, StoryView } from "../shapes";

const STORY = "/api/messenger/stories/{story_id}";

/** Files of messages or stories I may see; the others are left out. */
export async function readMediaLinks(ids: readonly string[]): Promise<MediaLink[]> {
  return (await api.post("/api/messenger/media/links", { body: { ids: [...ids] } })).results;
}

export async function listStories(signal?: AbortSignal): Promise<StoryGroup[]> {
  return (await api.get("/api/messenger/stories", { signal })).results;
}

export function createStory(story: { media_id: string; caption: string; client_id: string }): Promise<SeenStory> {
  return api.post("/api/messenger/stories", { body: story });
}

export function deleteStory(id: string): Promise<void> {
  return api.delete(STORY, { path: { story_id: id } });
}

export function viewStory(id: string): Promise<void> {
  return api.post(`${STORY}/view`, { path: { story_id: id } });
}

/** Of my own stories. */
export function listStoryViews(id: string, signal?: AbortSignal): Promise<Page<StoryView>> {
  return api.get(`${STORY}/views`, { path: { story_id: id }, signal });
}
