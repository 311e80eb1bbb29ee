import { useSignal } from "@preact/signals";

import type { ConversationPlace } from "@/app/feature";
import { Button, ConfirmDialog, lazily, Switch } from "@/ui";

import { removeAgentFrom } from "../model/api";
import type { AgentsOf } from "../model/conversation";
import { useAgentsOf } from "../model/conversation";
import type { AgentIn } from "../shapes";
import { AgentCard } from "./AgentCard";
import { useAttempt } from "./attempt";
import styles from "./conversation.module.css";
import { t } from "./words";

const AddAgentDialog = lazily(async () => (await import("./AddAgentDialog")).AddAgentDialog);

/** The agents of a group, and what one can do about them; of a conversation with one, who it is. */
export function Details(place: ConversationPlace) {
  return place.isGroup || place.hasAgents ? <Section {...place} /> : null;
}

function Section({ id, name, isGroup, isAdmin }: ConversationPlace) {
  const agents = useAgentsOf(id);
  const isAdding = useSignal(false);
  const { isBusy, attempt } = useAttempt();
  const data = agents.data.value;
  if (data === null) return null;
  const { agents: all, paused, may_resume: mayResume } = data;
  return (
    <section class={styles.section} aria-label={t("title")}>
      <h3>{t("title")}</h3>
      {all.length === 0 && (
        <p class={styles.dim}>
          <strong>{t("none")}.</strong> {t("noneText")} {!isAdmin && t("noneMember")}
        </p>
      )}
      <ul class={styles.cards}>
        {all.map((agent) => (
          <li key={agent.id}>
            <AgentCard
              agent={agent}
              isGroup={isGroup}
              setting={isGroup && (agent.may_set_speaks_up || (isAdmin && agent.speaks_up)) && <SpeaksUp agent={agent} agents={agents} />}
            >
              {isGroup && isAdmin && (
                <Remove agent={agent} onConfirm={() => attempt(() => removeAgentFrom(id, agent.user.id).then(() => agents.read()))} />
              )}
            </AgentCard>
          </li>
        ))}
      </ul>
      {isGroup && isAdmin && (
        <Button icon="plus" onClick={() => (isAdding.value = true)}>
          {t("add")}
        </Button>
      )}
      {all.length > 0 && !paused && (
        <>
          <Button icon="stop" loading={isBusy} onClick={() => void attempt(() => agents.stopAll())}>
            {t("stopAll")}
          </Button>
          <p class={styles.dim}>{t("stopAllHint")}</p>
        </>
      )}
      {paused && mayResume && (
        <Button icon="play" loading={isBusy} onClick={() => void attempt(() => agents.resume())}>
          {t("resume")}
        </Button>
      )}
      {paused && <p class={styles.dim}>{t("stoppedText")}</p>}
      {isAdding.value && (
        <AddAgentDialog
          conversation={{ id, name }}
          present={all.map(({ user }) => user.id)}
          onClose={() => (isAdding.value = false)}
          onAdded={() => {
            isAdding.value = false;
            void agents.read();
          }}
        />
      )}
    </section>
  );
}

/** Its owner lets it answer what nobody has asked it, as they pay for that; an admin may end it. */
function SpeaksUp({ agent, agents }: { agent: AgentIn; agents: AgentsOf }) {
  const { isBusy, attempt } = useAttempt();
  const { id, owner, payer, speaks_up: speaksUp, may_set_speaks_up: isMine } = agent;
  const mayBegin = payer === "owner";
  const hint = !isMine ? t("speaksUpEnd", { name: owner.name }) : t(mayBegin ? "speaksUpHint" : "speaksUpUnpaid");
  return (
    <Switch
      label={t("speaksUp")}
      hint={hint}
      checked={speaksUp}
      disabled={isBusy || (!mayBegin && !speaksUp)}
      onChecked={(next) => void attempt(() => agents.setSpeaksUp(id, next))}
    />
  );
}

function Remove({ agent, onConfirm }: { agent: AgentIn; onConfirm: () => Promise<boolean> }) {
  const isAsking = useSignal(false);
  const { name } = agent.user;
  return (
    <>
      <Button variant="ghost" icon="trash" title={t("removeOne", { name })} onClick={() => (isAsking.value = true)}>
        {t("remove")}
      </Button>
      {isAsking.value && (
        <ConfirmDialog
          open
          danger
          title={t("removeTitle", { name })}
          confirmLabel={t("remove")}
          onClose={() => (isAsking.value = false)}
          onConfirm={async () => {
            await onConfirm();
            isAsking.value = false;
          }}
        >
          <p>{t("removeText")}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
