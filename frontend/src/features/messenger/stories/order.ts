import type { StoryGroup } from "../model";

export type Story = StoryGroup["stories"][number];

/** Mine first, then those with something new, then the rest; nobody whose stories are all over. */
export function orderGroups(groups: readonly StoryGroup[], me: string | null, now = Date.now()): StoryGroup[] {
  const alive = groups
    .map((group) => ({ ...group, stories: group.stories.filter((story) => Date.parse(story.expires_at) > now) }))
    .filter((group) => group.stories.length > 0);
  const rank = (group: StoryGroup) => (group.user.id === me ? 0 : hasNew(group) ? 1 : 2);
  return alive.sort((a, b) => rank(a) - rank(b));
}

export function hasNew(group: StoryGroup): boolean {
  return group.stories.some((story) => !story.viewed);
}

/** Where to begin: the first that was not seen, else the first. */
export function firstUnseen(group: StoryGroup): number {
  return Math.max(
    0,
    group.stories.findIndex((story) => !story.viewed),
  );
}

export interface Spot {
  userId: string;
  index: number;
}

/** A step through one person's stories and on to the next person's; null: there is nothing there. */
export function step(groups: readonly StoryGroup[], spot: Spot, by: 1 | -1): Spot | null {
  const at = groups.findIndex((group) => group.user.id === spot.userId);
  const group = groups[at];
  if (group === undefined) return null;
  const index = spot.index + by;
  if (index >= 0 && index < group.stories.length) return { userId: spot.userId, index };
  const next = groups[at + by];
  if (next === undefined) return null;
  return { userId: next.user.id, index: by > 0 ? firstUnseen(next) : next.stories.length - 1 };
}

/** As they stood before; who is new comes last. */
export function inOrder(groups: readonly StoryGroup[], userIds: readonly string[]): StoryGroup[] {
  const rank = (group: StoryGroup) => {
    const place = userIds.indexOf(group.user.id);
    return place < 0 ? userIds.length : place;
  };
  return [...groups].sort((a, b) => rank(a) - rank(b));
}
