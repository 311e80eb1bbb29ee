import type { ComponentChildren } from "preact";

import { currentUser } from "@/lib/api";
import { Badge, Button } from "@/ui";
import { Avatar } from "@/ui/avatar";

import type { AgentBrief, AgentIn } from "../shapes";
import styles from "./conversation.module.css";
import { t } from "./words";

type Shown = Pick<AgentIn, "id" | "user" | "owner" | "payer" | "is_active" | "hosts"> & Partial<Pick<AgentIn, "speaks_up">> & Partial<Pick<AgentBrief, "model">>;

interface Props {
  agent: Shown;
  isGroup: boolean;
  /** What can be set here. */
  setting?: ComponentChildren;
  children?: ComponentChildren;
}

/** Who an agent is: whose, when it answers, who pays, and which servers hear of it. */
export function AgentCard({ agent, isGroup, setting, children }: Props) {
  const { id, user, owner, payer, hosts, speaks_up: speaksUp = false } = agent;
  const isMine = owner.id === currentUser.value?.id;
  const answersAll = !isGroup || (speaksUp && payer === "owner");
  return (
    <article class={styles.card} aria-label={user.name}>
      <header class={styles.cardHead}>
        <Avatar name={user.name} avatarUrl={user.avatar_url} />
        <span class={styles.cardName}>
          <strong dir="auto">{user.name}</strong>
          <span class={styles.dim}>{isMine ? t("ofYou") : t("of", { name: owner.name })}</span>
        </span>
        {!agent.is_active && <Badge>{t("off")}</Badge>}
      </header>
      <ul class={styles.facts}>
        <li>{answersAll ? t("whenAnything") : t("whenNamed", { handle: `@${user.username ?? user.name}` })}</li>
        <li>{payerText(agent, isMine, isGroup)}</li>
        <li>{hosts.length === 0 ? t("talksToNobody") : t("talksTo", { hosts: hosts.join(", ") })}</li>
      </ul>
      {setting}
      {(isMine || children) && (
        <div class={styles.buttons}>
          {isMine && (
            <Button variant="ghost" icon="edit" href={`/app/agents/${id}`}>
              {t("edit")}
            </Button>
          )}
          {children}
        </div>
      )}
    </article>
  );
}

function payerText({ payer, owner }: Shown, isMine: boolean, isGroup: boolean): string {
  if (payer === "asker") return t(isGroup ? "payerAsker" : "payerYou");
  return isMine ? t("payerOwnerYou") : t("payerOwner", { name: owner.name });
}
