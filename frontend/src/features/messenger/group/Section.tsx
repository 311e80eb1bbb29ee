import { IconButton } from "@/ui";

import styles from "./group.module.css";
import { t } from "./words";

interface HeadProps {
  title: string;
  onClose: () => void;
  /** Missing on the first page of the panel. */
  onBack?: (() => void) | undefined;
}

export function PanelHead({ title, onClose, onBack }: HeadProps) {
  return (
    <header class={styles.head}>
      {onBack && <IconButton icon="left" label={t("back")} onClick={onBack} />}
      <h2>{title}</h2>
      <IconButton icon="close" label={t("close")} onClick={onClose} />
    </header>
  );
}
