import { classes, Icon } from "@/ui";

import styles from "./timeline.module.css";
import { t } from "./words";

/** Leads to the newest message, and says how many of others came that one has not seen. */
export function ToEnd({ unseen, onPress }: { unseen: number; onPress: () => void }) {
  return (
    <button
      type="button"
      class={classes(styles.newest, unseen > 0 && styles.hasNew)}
      {...(unseen === 0 && { "aria-label": t("newest") })}
      onClick={onPress}
    >
      {unseen > 0 && t("newBelow", { count: unseen })}
      <Icon name="down" />
    </button>
  );
}
