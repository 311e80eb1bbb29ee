/** Stories of people I share a conversation with. They live a day, so they are read, not kept. */
import { signal } from "@preact/signals";

import * as server from "./api";
import type { StoryGroup, StoryShape } from "./shapes";

export class Stories {
  readonly groups = signal<readonly StoryGroup[] | null>(null);

  async refresh(): Promise<void> {
    this.groups.value = await server.listStories();
  }

  /** Seen at once here; should telling the server fail, it is unseen at the next visit, which hurts nobody. */
  view(id: string): void {
    const story = this.groups.value?.flatMap(({ stories }) => stories).find((other) => other.id === id);
    if (story?.viewed !== false) return;
    this.change((stories) => stories.map((other) => (other.id === id ? { ...other, viewed: true } : other)));
    void server.viewStory(id).catch(() => undefined);
  }

  add(story: StoryShape): void {
    const { value } = this.groups;
    if (value === null) return;
    const isKnown = value.some(({ user }) => user.id === story.user.id);
    const groups = isKnown ? value : [...value, { user: story.user, stories: [] }];
    this.groups.value = groups.map((group) => {
      if (group.user.id !== story.user.id) return group;
      return { ...group, stories: [...group.stories.filter(({ id }) => id !== story.id), { ...story, viewed: false }] };
    });
  }

  remove(id: string): void {
    this.change((stories) => stories.filter((story) => story.id !== id));
  }

  private change(edit: (stories: StoryGroup["stories"]) => StoryGroup["stories"]): void {
    const { value } = this.groups;
    if (value === null) return;
    const groups = value.map((group) => ({ ...group, stories: edit(group.stories) }));
    this.groups.value = groups.filter(({ stories }) => stories.length > 0);
  }
}
