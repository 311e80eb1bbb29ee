import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { currentUser } from "@/lib/api";
import { classes, Icon } from "@/ui";
import { Avatar } from "@/ui/avatar";

import { useMessenger } from "../context";
import type { StoryGroup } from "../model";
import { firstUnseen, hasNew, orderGroups } from "./order";
import type { Spot } from "./order";
import styles from "./stories.module.css";
import { StoryCreator } from "./StoryCreator";
import { StoryViewer } from "./StoryViewer";
import { t } from "./words";

/** Who has stories today, and the way to add one's own. */
export function StoryBar() {
  const messenger = useMessenger();
  const me = currentUser.value?.id ?? null;
  const known = messenger.stories.value;
  // The row is there before anybody's stories are: it would push the list down when they come.
  const groups = useMemo(() => orderGroups(known ?? [], me), [known, me]);
  const spot = useSignal<Spot | null>(null);
  const creating = useSignal(false);

  useEffect(() => {
    // What fails here leaves the row as it is; the socket brings what is new.
    messenger.refreshStories().catch(() => undefined);
  }, [messenger]);

  return (
    <section class={styles.barRoom} aria-label={t("stories")}>
      <ul class={styles.barRow}>
        <li>
          <button type="button" class={styles.face} aria-label={t("add")} onClick={() => (creating.value = true)}>
            <span class={styles.plus} aria-hidden="true">
              <Icon name="plus" />
            </span>
            <span class={styles.faceName}>{t("addShort")}</span>
          </button>
        </li>
        {groups.map((group) => (
          <li key={group.user.id}>
            <Face
              group={group}
              isMine={group.user.id === me}
              onOpen={() => (spot.value = { userId: group.user.id, index: firstUnseen(group) })}
            />
          </li>
        ))}
      </ul>
      {spot.value !== null && (
        <StoryViewer
          groups={groups}
          spot={spot.value}
          onSpot={(next) => (spot.value = next)}
          onClose={() => (spot.value = null)}
        />
      )}
      {creating.value && <StoryCreator onClose={() => (creating.value = false)} />}
    </section>
  );
}

interface FaceProps {
  group: StoryGroup;
  isMine: boolean;
  onOpen: () => void;
}

function Face({ group, isMine, onOpen }: FaceProps) {
  const { user, stories } = group;
  const isNew = !isMine && hasNew(group);
  const name = isMine ? t("yours") : user.name;
  const label = [t("storiesOf", { name, count: stories.length }), isNew && t("unseen")].filter(Boolean).join(", ");
  return (
    <button type="button" class={styles.face} aria-label={label} onClick={onOpen}>
      <span class={classes(styles.ring, isNew && styles.ringNew)}>
        <Avatar name={user.name} avatarUrl={user.avatar_url} />
      </span>
      <span class={styles.faceName}>{name}</span>
    </button>
  );
}
