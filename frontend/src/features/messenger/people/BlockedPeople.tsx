import { useState } from "preact/hooks";

import { usePaged } from "@/lib/paged";
import { Button, ConfirmDialog, EmptyState, List, ListItem, Loaded } from "@/ui";

import type { Person } from "../model";
import { listBlocks, unblock } from "../model/api";
import { attempt } from "../parts/attempt";
import styles from "./people.module.css";
import { Handle } from "./PersonRow";
import { t } from "./words";

/** Whom one has blocked, and the way back; a section of the settings. */
export default function BlockedPeople() {
  const blocks = usePaged(listBlocks);
  const [asked, setAsked] = useState<Person | null>(null);

  const allow = async (person: Person) => {
    const done = await attempt(() => unblock(person.id), t("unblocked", { name: person.name }));
    if (done) blocks.change((all) => all.filter(({ user }) => user.id !== person.id));
    setAsked(null);
  };
  const nobody = (
    <EmptyState icon="shield" title={t("nobodyBlocked")}>
      {t("nobodyBlockedText")}
    </EmptyState>
  );
  return (
    <div class={styles.blocked}>
      <p class={styles.intro}>{t("blockedIntro")}</p>
      <Loaded from={blocks} empty={nobody}>
        {(all) => (
          <List label={t("blocked")}>
            {all.map(({ user: person }) => (
              <ListItem
                key={person.id}
                actions={
                  <Button variant="ghost" onClick={() => setAsked(person)}>
                    {t("unblock")}
                  </Button>
                }
              >
                {person.name} <Handle person={person} />
              </ListItem>
            ))}
          </List>
        )}
      </Loaded>
      <ConfirmDialog
        open={asked !== null}
        onClose={() => setAsked(null)}
        title={t("unblockTitle", { name: asked?.name ?? "" })}
        confirmLabel={t("unblock")}
        onConfirm={() => (asked === null ? undefined : allow(asked))}
      >
        {t("unblockText")}
      </ConfirmDialog>
    </div>
  );
}
