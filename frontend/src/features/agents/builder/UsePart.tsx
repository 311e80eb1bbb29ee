import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";

import { limit } from "@/lib/config";
import { formatNumber } from "@/lib/i18n";
import { Select, toast } from "@/ui";

import { changeAgent } from "../model/api";
import type { Agent, AgentChange } from "../shapes";
import { agentErrorText } from "../words/problems";
import styles from "./builder.module.css";
import { NumberField } from "./NumberField";
import { t } from "./words";

/** Who may talk to it and who pays: no part of a version, so it counts at once. */
export function UsePart({ agent, onAgent }: { agent: Agent; onAgent: (agent: Agent) => void }) {
  const id = useId();
  const isBusy = useSignal(false);
  const change = async (values: AgentChange) => {
    isBusy.value = true;
    try {
      onAgent(await changeAgent(agent.id, values));
    } catch (error) {
      toast(agentErrorText(error), { tone: "danger" });
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <section class={styles.card} aria-labelledby={id}>
      <h2 id={id}>{t("use")}</h2>
      <p class={styles.dim}>{t("useHint")}</p>
      <Select
        label={t("audience")}
        value={agent.audience}
        disabled={isBusy.value}
        options={[
          { value: "owner", label: t("audienceOwner") },
          { value: "members", label: t("audienceMembers") },
          { value: "site", label: t("audienceSite") },
        ]}
        onValue={(audience) => void change({ audience: audience as Agent["audience"] })}
      />
      <Select
        label={t("payer")}
        value={agent.payer}
        disabled={isBusy.value}
        options={[
          { value: "asker", label: t("payerAsker") },
          { value: "owner", label: t("payerOwner") },
        ]}
        onValue={(payer) => void change({ payer: payer as Agent["payer"] })}
      />
      {agent.payer === "owner" &&
        DAILY.map((name) => <Daily key={`${name} ${agent[name]}`} name={name} tokens={agent[name]} onTokens={(tokens) => void change({ [name]: tokens })} />)}
    </section>
  );
}

/** What all others may use in a day, and what each of them may. */
const DAILY = ["owner_daily_tokens", "asker_daily_tokens"] as const;

interface DailyProps {
  name: (typeof DAILY)[number];
  /** Null: the house's bound holds. */
  tokens: number | null;
  onTokens: (tokens: number | null) => void;
}

/** Kept when one leaves it: a number that is half written must not count. */
function Daily({ name, tokens, onTokens }: DailyProps) {
  const written = useSignal(tokens);
  const hint = t("dailyHint", { tokens: formatNumber(limit(`agent_${name}`)) });
  return (
    <div onFocusOut={() => written.value !== tokens && onTokens(written.value)}>
      <NumberField label={t(name)} hint={hint} value={written.value} isOptional onNumber={(value) => (written.value = value)} />
    </div>
  );
}
