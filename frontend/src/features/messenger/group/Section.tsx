import type { ComponentChildren } from "preact";

import { errorText } from "@/lib/errorText";
import { Alert, Button, IconButton, Skeleton } from "@/ui";

import type { Paged } from "../people";
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

interface PagedListProps<T> {
  paged: Paged<T>;
  empty: ComponentChildren;
  children: (items: readonly T[]) => ComponentChildren;
}

/** A list that is waited for, failed, empty, or there with more below. */
export function PagedList<T>({ paged, empty, children }: PagedListProps<T>) {
  const { items, error, hasMore, loading, more, reload } = paged;
  if (items === null && error !== null) {
    return (
      <div class={styles.padded}>
        <Alert tone="danger" title={t("failed")} action={<Button onClick={reload}>{t("tryAgain")}</Button>}>
          {errorText(error)}
        </Alert>
      </div>
    );
  }
  if (items === null) {
    return (
      <div class={styles.padded}>
        <Skeleton lines={5} />
      </div>
    );
  }
  if (items.length === 0) return <>{empty}</>;
  return (
    <>
      {children(items)}
      {error !== null && <Alert tone="danger" title={errorText(error)} />}
      {hasMore && (
        <Button variant="ghost" full loading={loading} onClick={more}>
          {t("more")}
        </Button>
      )}
    </>
  );
}
