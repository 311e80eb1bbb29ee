import { useSignal } from "@preact/signals";
import { useCallback, useRef } from "preact/hooks";

import type { ApiError } from "@/lib/api";
import { language } from "@/lib/i18n";
import { usePaged } from "@/lib/paged";
import { useResource } from "@/lib/resource";
import type { Resource } from "@/lib/resource";
import { navigate } from "@/lib/router";
import { After, Button, EmptyState, List, Loaded, toast } from "@/ui";

import { createAgent, importAgent, listAgents, listTemplates } from "../model/api";
import type { AgentBrief, NewAgent, Template } from "../shapes";
import { agentErrorText } from "../words/problems";
import { AgentRow } from "./AgentRow";
import styles from "./list.module.css";
import { isAboutPlan, PlanDialog } from "./PlanDialog";
import { t } from "./words";

/** What there is, and what to begin with. */
export default function AgentsPage() {
  const agents = usePaged(listAgents);
  const templates = useTemplates();
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
  const begun = <Templates from={templates} />;
  const ones = (
    <section class={styles.section} aria-labelledby="own-agents">
      <h2 id="own-agents">{t("own")}</h2>
      {own.length === 0 ? (
        <EmptyState icon="bolt" title={t("empty")}>
          {t("emptyText")}
        </EmptyState>
      ) : (
        <Agents label={t("own")} all={own} onChanged={agents.reload} onFailed={refuse} />
      )}
    </section>
  );
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
      {/* The pages hold both kinds. */}
      <Loaded from={agents} lines={5}>
        {() => (
          <>
            {/* What one has comes first; who has nothing begins with what there is. */}
            {own.length > 0 && ones}
            {begun}
            <After from={templates}>
              {own.length === 0 && ones}
              {others.length > 0 && (
                <section class={styles.section} aria-labelledby="other-agents">
                  <h2 id="other-agents">{t("others")}</h2>
                  <Agents label={t("others")} all={others} onChanged={agents.reload} onFailed={refuse} />
                </section>
              )}
            </After>
          </>
        )}
      </Loaded>
      {refused.value !== null && <PlanDialog error={refused.value} onClose={() => (refused.value = null)} />}
    </div>
  );
}

interface AgentsProps {
  label: string;
  all: readonly AgentBrief[];
  onChanged: () => void;
  onFailed: (error: unknown) => void;
}

function Agents({ label, all, onChanged, onFailed }: AgentsProps) {
  return (
    <List label={label}>
      {all.map((agent) => (
        <AgentRow key={agent.id} agent={agent} onChanged={onChanged} onFailed={onFailed} />
      ))}
    </List>
  );
}

/** They come in the reader's language. */
function useTemplates(): Resource<Template[]> {
  const inLanguage = language.value;
  // eslint-disable-next-line react-hooks/exhaustive-deps -- another language is another list
  return useResource(useCallback((signal: AbortSignal) => listTemplates(signal), [inLanguage]));
}

function Templates({ from }: { from: Resource<Template[]> }) {
  return (
    <section class={styles.section} aria-labelledby="templates">
      <h2 id="templates">{t("templates")}</h2>
      <p class={styles.dim}>{t("templatesHint")}</p>
      <Loaded from={from}>
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
