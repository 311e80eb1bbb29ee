import { useSignal } from "@preact/signals";

import { Button, Icon } from "@/ui";

import { otherPerson } from "../group/members";
import type { ConversationShape } from "../model";
import { unblock } from "../model/api";
import { attempt } from "../parts/attempt";
import { useMyBlock } from "../people/useMyBlock";
import styles from "./pane.module.css";
import { t } from "./words";

/** In the place of the composer: why one cannot write, and the way out for whoever has it. */
export function BlockedBar({ conversation }: { conversation: ConversationShape }) {
  const person = otherPerson(conversation);
  const { byMe } = useMyBlock(conversation, person);
  const busy = useSignal(false);
  if (person === null || !byMe) {
    return (
      <p class={styles.blocked}>
        <Icon name="lock" />
        {t("blocked")}
      </p>
    );
  }
  const press = async () => {
    busy.value = true;
    await attempt(() => unblock(person.id));
    busy.value = false;
  };
  return (
    <div class={styles.blocked}>
      <Icon name="lock" />
      <span>{t("blockedByYou", { name: person.name })}</span>
      <Button loading={busy.value} onClick={press}>
        {t("unblock")}
      </Button>
    </div>
  );
}
