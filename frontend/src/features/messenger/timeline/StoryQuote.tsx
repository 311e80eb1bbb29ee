import { useMessenger } from "../context";
import { openStory } from "../overlays";
import styles from "./bubble.module.css";
import { t } from "./words";

/** The story a message answers, as long as it is there; after a day only that there was one. */
export function StoryQuote({ storyId }: { storyId: string }) {
  const messenger = useMessenger();
  const group = messenger.stories.value?.find(({ stories }) => stories.some(({ id }) => id === storyId));
  const story = group?.stories.find(({ id }) => id === storyId);
  if (group === undefined || story === undefined) {
    return (
      <p class={styles.quote}>
        <strong>{t("story")}</strong>
        <span>{t("storyOver")}</span>
      </p>
    );
  }
  const url = story.media === null ? null : messenger.mediaUrl(story.media.id, "thumbnail").value;
  return (
    <button
      type="button"
      class={styles.quote}
      aria-label={t("toStory", { name: group.user.name })}
      onClick={() => openStory({ userId: group.user.id, index: group.stories.indexOf(story) })}
    >
      <span class={styles.quotedStory}>
        {url !== null && story.media?.has_thumbnail === true && <img src={url} alt="" draggable={false} />}
        <span>
          <strong dir="auto">{t("storyOf", { name: group.user.name })}</strong>
          {story.caption !== "" && <span dir="auto">{story.caption}</span>}
        </span>
      </span>
    </button>
  );
}
