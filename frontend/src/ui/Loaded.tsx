import type { ComponentChildren } from "preact";

import { Alert } from "./Alert";
import { Button } from "./Button";
import { EmptyState } from "./EmptyState";
import styles from "./Loaded.module.css";
import { Skeleton } from "./Skeleton";
import { t } from "./words";

/** What is asked of the server, as `useResource` and `usePaged` give it; the state of a model can be put the same way. */
export interface Loading<T> {
  /** Null until it is there. It may stay while it is asked for again. */
  data: T | null;
  /** Why it did not come, in a sentence. */
  trouble: string | null;
  reload: () => void;
  /** Of a list that comes in pages. */
  hasMore?: boolean;
  loading?: boolean;
  more?: () => void;
}

interface LoadedProps<T> {
  from: Loading<T>;
  /** Stands in place of a list without entries. */
  empty?: ComponentChildren;
  /** Grey lines while it is waited for. */
  lines?: number;
  /** What a failure is called. */
  failed?: string;
  /** A failure as a box among other things, or, where there is nothing else, in the middle of the room. */
  failure?: "box" | "page";
  /** For lists whose rows reach the edges: grey lines and failures keep away from them. */
  inset?: boolean;
  children: (data: T) => ComponentChildren;
}

/** Something that is waited for, failed and can be asked for again, is empty, or is there, perhaps with more below. */
export function Loaded<T>(props: LoadedProps<T>) {
  const { from, empty, lines = 3, inset = false, children } = props;
  const { data, trouble } = from;
  if (data === null) {
    const waiting = trouble === null ? <Skeleton lines={lines} /> : <Failure {...props} trouble={trouble} />;
    return inset ? <div class={styles.inset}>{waiting}</div> : waiting;
  }
  const isEmpty = empty !== undefined && Array.isArray(data) && data.length === 0;
  const isPaged = from.more !== undefined;
  return (
    <>
      {trouble !== null && !isPaged && <Failure {...props} trouble={trouble} />}
      {isEmpty ? empty : children(data)}
      {trouble !== null && isPaged && <Alert tone="danger" title={trouble} />}
      {from.hasMore === true && (
        <Button variant="ghost" full loading={from.loading ?? false} onClick={from.more}>
          {t("more")}
        </Button>
      )}
    </>
  );
}

/** What stands below something that is waited for: drawn when that is there or has failed, as it would be pushed about. */
export function After({ from, children }: { from: Pick<Loading<unknown>, "data" | "trouble">; children: ComponentChildren }) {
  return from.data === null && from.trouble === null ? null : <>{children}</>;
}

interface FailureProps extends Pick<LoadedProps<unknown>, "failed" | "failure"> {
  from: Pick<Loading<unknown>, "reload">;
  trouble: string;
}

function Failure({ from, trouble, failed = t("failed"), failure = "box" }: FailureProps) {
  const again = <Button onClick={from.reload}>{t("tryAgain")}</Button>;
  if (failure === "page") {
    return (
      <EmptyState icon="warning" title={failed} action={again}>
        {trouble}
      </EmptyState>
    );
  }
  return (
    <Alert tone="danger" title={failed} action={again}>
      {trouble}
    </Alert>
  );
}
