import { useSignal } from "@preact/signals";

import { saveResponse, safeFileName } from "@/lib/saveFile";
import { navigate } from "@/lib/router";
import { Badge, ConfirmDialog, ListItem, Menu, toast } from "@/ui";
import type { MenuItem } from "@/ui";
import { Avatar } from "@/ui/avatar";

import { changeAgent, deleteAgent, duplicateAgent, exportAgent } from "../model/api";
import type { AgentBrief } from "../shapes";
import styles from "./list.module.css";
import { addToConversation, canTalk } from "./toConversation";
import { t } from "./words";

interface Props {
  agent: AgentBrief;
  onChanged: () => void;
  onFailed: (error: unknown) => void;
}

export function AgentRow({ agent, onChanged, onFailed }: Props) {
  const isDeleting = useSignal(false);
  const { id, name, user } = agent;
  const attempt = (work: () => Promise<unknown>) => () => void work().catch(onFailed);
  const changed = (work: () => Promise<unknown>) => attempt(() => work().then(onChanged));
  const talk: MenuItem[] = canTalk()
    ? [{ label: t("toConversation"), icon: "messages", onSelect: attempt(() => addToConversation(user.id)) }]
    : [];
  const own: MenuItem[] = [
    { label: t("duplicate"), icon: "copy", onSelect: attempt(async () => navigate(`/app/agents/${(await duplicateAgent(id)).id}`)) },
    { label: t("export"), icon: "download", onSelect: attempt(async () => saveResponse(await exportAgent(id), `${safeFileName(name, "agent")}.json`)) },
    {
      label: t(agent.is_active ? "switchOff" : "switchOn"),
      icon: agent.is_active ? "pause" : "play",
      onSelect: changed(() => changeAgent(id, { is_active: !agent.is_active })),
    },
    { label: t("delete"), icon: "trash", danger: true, onSelect: () => (isDeleting.value = true) },
  ];
  const items = agent.is_own ? [...talk, ...own] : talk;
  return (
    <>
      <ListItem
        {...(agent.is_own && { href: `/app/agents/${id}` })}
        actions={items.length > 0 && <Menu label={t("actions", { name })} items={items} />}
      >
        <span class={styles.row}>
          <Avatar name={name} avatarUrl={user.avatar_url} />
          <span class={styles.words}>
            <strong dir="auto">{name}</strong>
            <span class={styles.dim}>
              {[agent.is_own ? null : t("of", { name: agent.owner.name }), agent.model, t("functions", { count: agent.functions_count })]
                .filter(Boolean)
                .join(" · ")}
            </span>
            <span class={styles.dim}>
              {agent.hosts.length === 0 ? t("talksToNobody") : t("talksTo", { hosts: agent.hosts.join(", ") })}
            </span>
          </span>
          {!agent.is_active && <Badge>{t("notActive")}</Badge>}
        </span>
      </ListItem>
      {isDeleting.value && (
        <ConfirmDialog
          open
          danger
          onClose={() => (isDeleting.value = false)}
          title={t("deleteTitle", { name })}
          confirmLabel={t("delete")}
          onConfirm={async () => {
            try {
              await deleteAgent(id);
              isDeleting.value = false;
              toast(t("deleted"));
              onChanged();
            } catch (error) {
              onFailed(error);
            }
          }}
        >
          <p>{t("deleteText")}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
