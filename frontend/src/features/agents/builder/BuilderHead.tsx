import { useSignal } from "@preact/signals";

import { navigate } from "@/lib/router";
import { Button, classes, ConfirmDialog, Icon, Menu, toast } from "@/ui";
import type { MenuItem } from "@/ui";

import { addToConversation, canTalk } from "../list/toConversation";
import { changeAgent } from "../model/api";
import type { DraftKeeper } from "../model/draft";
import type { Agent } from "../shapes";
import { agentErrorText } from "../words/problems";
import styles from "./builder.module.css";
import { t } from "./words";

interface Props {
  agent: Agent;
  draft: DraftKeeper;
  onAgent: (agent: Agent) => void;
}

/** What it is called, whether what is written is kept, and the button that makes it count. */
export function BuilderHead({ agent, draft, onAgent }: Props) {
  const isPublishing = useSignal(false);
  const isDiscarding = useSignal(false);
  const version = draft.version.value;
  const refuse = (error: unknown) => toast(agentErrorText(error), { tone: "danger" });

  const publish = async () => {
    isPublishing.value = true;
    try {
      const published = await draft.publish();
      onAgent(published);
      toast(t("published", { version: published.version }), { tone: "success" });
    } catch (error) {
      refuse(error);
    } finally {
      isPublishing.value = false;
    }
  };
  const talk: MenuItem[] = canTalk()
    ? [{ label: t("toConversation"), icon: "messages", onSelect: () => void addToConversation(agent.user.id).catch(refuse) }]
    : [];
  const items: MenuItem[] = [
    ...talk,
    { label: t("runs"), icon: "clock", onSelect: () => navigate(`/app/agents/${agent.id}/runs`) },
    {
      label: t(agent.is_active ? "switchOff" : "switchOn"),
      icon: agent.is_active ? "pause" : "play",
      onSelect: () => void changeAgent(agent.id, { is_active: !agent.is_active }).then(onAgent, refuse),
    },
    { label: t("discard"), icon: "trash", danger: true, disabled: !draft.isDirty.value, onSelect: () => (isDiscarding.value = true) },
  ];
  return (
    <header class={styles.head}>
      <a class={styles.back} href="/app/agents" aria-label={t("back")}>
        <Icon name="left" />
      </a>
      <h1 class={styles.title} dir="auto">
        {draft.fields.value.name || agent.name}
      </h1>
      <DraftNote draft={draft} />
      {draft.isDirty.value && (
        <Button variant="primary" loading={isPublishing.value} disabled={draft.state.value === "refused"} onClick={() => void publish()}>
          {t("publish", { version: version + 1 })}
        </Button>
      )}
      <Menu label={t("actions")} items={items} />
      {isDiscarding.value && (
        <ConfirmDialog
          open
          danger
          onClose={() => (isDiscarding.value = false)}
          title={t("discardTitle")}
          confirmLabel={t("discard")}
          onConfirm={() => {
            draft.discard();
            isDiscarding.value = false;
          }}
        >
          <p>{t("discardText", { version })}</p>
        </ConfirmDialog>
      )}
    </header>
  );
}

function DraftNote({ draft }: { draft: DraftKeeper }) {
  const state = draft.state.value;
  const isBad = state === "refused" || state === "retrying";
  const isRest = state === "saved" && !draft.isDirty.value;
  return (
    <p class={classes(styles.note, isBad && styles.bad)} role="status">
      {isRest ? t("nothing", { version: draft.version.value }) : t(state)}
    </p>
  );
}
