import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

import type { ApiError } from "@/lib/api";
import { language } from "@/lib/i18n";
import { usePaged } from "@/lib/paged";
import { useResource } from "@/lib/resource";
import { navigate } from "@/lib/router";
import { Button, EmptyState, List, Loaded, toast } from "@/ui";

import { createAgent, importAgent, listAgents, listTemplates } from "../model/api";
import type { NewAgent } from "../shapes";
import { agentErrorText } from "../words/problems";
import { AgentRow } from "./AgentRow";
import styles from "./list.module.css";
import { isAboutPlan, PlanDialog } from "./PlanDialog";
import { t } from "./words";

/** What there is, and what to begin with. */
export default function AgentsPage() {
  const agents = usePaged(listAgents);
  const refused = useSignal<ApiError | null>(null);

  const refuse = (error: unknown) => {
    if (isAboutPlan(error)) refused.value = error;
    else toast(agentErrorText(error), { tone: "danger" });
  };
  const begin = async (agent: NewAgent) => {
    try {
      navigate(`/app/agents/${(await createAgent(agent)).id}`);
    } catch (error) {
      refuse(error);
    }
  };
  const own = (agents.data ?? []).filter((agent) => agent.is_own);
  const others = (agents.data ?? []).filter((agent) => !agent.is_own);
  // They come in the reader's language.
  const templates = <Templates key={language.value} />;
  return (
    <div class={styles.page}>
      <header class={styles.head}>
        <h1>{t("title")}</h1>
        <p class={styles.lead}>{t("lead")}</p>
        <div class={styles.buttons}>
          <Button variant="primary" icon="plus" onClick={() => void begin({ name: t("newName") })}>
            {t("blank")}
          </Button>
          <FromFile onFailed={refuse} />
        </div>
      </header>
      {/* What one has comes first; who has nothing begins with what there is. */}
      {own.length === 0 && templates}
      <section class={styles.section} aria-labelledby="own-agents">
        <h2 id="own-agents">{t("own")}</h2>
        <Loaded from={{ ...agents, hasMore: false }}>
          {() =>
            own.length === 0 ? (
              <EmptyState icon="bolt" title={t("empty")}>
                {t("emptyText")}
              </EmptyState>
            ) : (
              <List label={t("own")}>
                {own.map((agent) => (
                  <AgentRow key={agent.id} agent={agent} onChanged={agents.reload} onFailed={refuse} />
                ))}
              </List>
            )
          }
        </Loaded>
      </section>
      {own.length > 0 && templates}
      {others.length > 0 && (
        <section class={styles.section} aria-labelledby="other-agents">
          <h2 id="other-agents">{t("others")}</h2>
          <List label={t("others")}>
            {others.map((agent) => (
              <AgentRow key={agent.id} agent={agent} onChanged={agents.reload} onFailed={refuse} />
            ))}
          </List>
        </section>
      )}
      {/* The pages hold both. */}
      {agents.data !== null && <Loaded from={agents}>{() => null}</Loaded>}
      {refused.value !== null && <PlanDialog error={refused.value} onClose={() => (refused.value = null)} />}
    </div>
  );
}

function Templates() {
  const templates = useResource(listTemplates);
  return (
    <section class={styles.section} aria-labelledby="templates">
      <h2 id="templates">{t("templates")}</h2>
      <p class={styles.dim}>{t("templatesHint")}</p>
      <Loaded from={templates}>
        {(all) => (
          <ul class={styles.templates}>
            {all.map((template) => (
              <li key={template.id} class={styles.template}>
                <h3>{template.name}</h3>
                <p>{template.summary}</p>
                <p class={styles.question}>{template.try_this}</p>
                <Button icon="play" aria-label={`${t("tryIt")}: ${template.name}`} href={`/app/agents/templates/${template.id}`}>
                  {t("tryIt")}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </section>
  );
}

function FromFile({ onFailed }: { onFailed: (error: unknown) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const read = async (file: File) => {
    let given: Parameters<typeof importAgent>[0];
    try {
      given = JSON.parse(await file.text()) as typeof given;
    } catch {
      toast(t("notAFile"), { tone: "danger" });
      return;
    }
    try {
      navigate(`/app/agents/${(await importAgent(given)).id}`);
    } catch (error) {
      onFailed(error);
    }
  };
  return (
    <>
      <Button icon="file" onClick={() => input.current?.click()}>
        {t("fromFile")}
      </Button>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        aria-label={t("importing")}
        hidden
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file !== undefined) void read(file);
        }}
      />
    </>
  );
}
