import { classes } from "@/ui";

import styles from "./people.module.css";
import { t } from "./words";

interface PresenceDotProps {
  online: boolean;
  /** Speak for itself, where no words beside it say the same. */
  labelled?: boolean;
}

/** Filled when online, hollow when not: the difference is not in the colour alone. */
export function PresenceDot({ online, labelled = false }: PresenceDotProps) {
  const look = classes(styles.dot, online && styles.online);
  if (!labelled) return <span class={look} aria-hidden="true" />;
  return <span class={look} role="img" aria-label={t(online ? "online" : "offline")} />;
}
