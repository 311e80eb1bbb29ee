import { useCallback } from "preact/hooks";

import { errorText } from "@/lib/errorText";
import { useResource } from "@/lib/resource";
import { Alert, Dialog, Skeleton } from "@/ui";
import { Avatar } from "@/ui/avatar";

import type { ShownMessage } from "../model";
import { listReceipts } from "../model/api";
import { dayName, timeOfDay } from "../parts/format";
import styles from "./pane.module.css";
import { t } from "./words";

/** Who has read a message, and when. */
export function ReadersDialog({ message, onClose }: { message: ShownMessage; onClose: () => void }) {
  const load = useCallback((signal: AbortSignal) => listReceipts(message.id, signal), [message.id]);
  const { data, error } = useResource(load);
  return (
    <Dialog open title={t("readersTitle")} onClose={onClose}>
      {error !== null && <Alert tone="warning" title={errorText(error)} />}
      {data === null && error === null && <Skeleton lines={3} />}
      {data?.results.length === 0 && <p>{t("nobodyRead")}</p>}
      <ul class={styles.readers}>
        {data?.results.map(({ user, read_at: at }) => (
          <li key={user.id}>
            <Avatar name={user.name} avatarUrl={user.avatar_url} size="s" />
            <span>{user.name}</span>
            {at !== null && (
              <time dateTime={at}>
                {dayName(at)}, {timeOfDay(at)}
              </time>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
