import { useSignal } from "@preact/signals";

import { usePaged } from "@/lib/paged";
import { Button, Dialog, EmptyState, Loaded } from "@/ui";

import { addAgentTo, listAgents } from "../model/api";
import { AgentCard } from "./AgentCard";
import { useAttempt } from "./attempt";
import styles from "./conversation.module.css";
import { t } from "./words";

interface Props {
  conversation: { id: string; name: string };
  /** Users who are there already. */
  present: readonly string[];
  onClose: () => void;
  onAdded: () => void;
}

/** Agents one may add; before that stands who pays and which servers would hear of what is asked. */
export function AddAgentDialog({ conversation, present, onClose, onAdded }: Props) {
  const agents = usePaged(listAgents);
  const adding = useSignal<string | null>(null);
  const { isBusy, attempt } = useAttempt();
  const add = async (userId: string) => {
    adding.value = userId;
    if (await attempt(() => addAgentTo(conversation.id, userId))) onAdded();
  };
  return (
    <Dialog open onClose={onClose} title={t("add")}>
      <p>{t("addText", { name: conversation.name })}</p>
      <Loaded from={agents} empty={<Nobody />}>
        {(all) => {
          const others = all.filter(({ user, is_active: isActive }) => isActive && !present.includes(user.id));
          if (others.length === 0) return <Nobody />;
          return (
            <ul class={styles.cards}>
              {others.map((agent) => (
                <li key={agent.id}>
                  <AgentCard agent={agent} isGroup>
                    <Button
                      variant="primary"
                      icon="plus"
                      disabled={isBusy}
                      loading={isBusy && adding.value === agent.user.id}
                      onClick={() => void add(agent.user.id)}
                    >
                      {t("addIt", { name: agent.user.name })}
                    </Button>
                  </AgentCard>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Dialog>
  );
}

function Nobody() {
  return (
    <EmptyState icon="bolt" title={t("noMore")} action={<Button href="/app/agents">{t("toAgents")}</Button>}>
      {t("noMoreText")}
    </EmptyState>
  );
}
