import { useSignal } from "@preact/signals";

import type { PageProps } from "@/app/feature";
import type { ApiError } from "@/lib/api";
import { language } from "@/lib/i18n";
import { useResource } from "@/lib/resource";
import { navigate } from "@/lib/router";
import { Button, EmptyState, Icon, Loaded, toast } from "@/ui";

import { ConsolePane } from "../console/ConsolePane";
import { isAboutPlan, PlanDialog } from "../list/PlanDialog";
import { createAgent, listTemplates } from "../model/api";
import { consoleOfTemplate } from "../model/console";
import type { Template } from "../shapes";
import { agentErrorText } from "../words/problems";
import styles from "./trial.module.css";
import { t } from "./words";

/** A template is asked before anybody has an agent: by everybody, with or without a plan that has any. */
export default function TrialPage({ params }: PageProps) {
  // They come in the reader's language.
  return <Found key={language.value} id={params.tid ?? ""} />;
}

function Found({ id }: { id: string }) {
  const templates = useResource(listTemplates);
  const template = templates.data?.find((one) => one.id === id);
  if (template !== undefined) return <Trial template={template} />;
  return (
    <div class={styles.waiting}>
      <Loaded from={templates} failure="page" lines={6}>
        {() => (
          <EmptyState icon="search" title={t("none")} action={<Button href="/app/agents">{t("back")}</Button>}>
            {t("noneText")}
          </EmptyState>
        )}
      </Loaded>
    </div>
  );
}

function Trial({ template }: { template: Template }) {
  const refused = useSignal<ApiError | null>(null);
  const isMaking = useSignal(false);
  const console = consoleOfTemplate(template.id, template.try_this);
  const make = async () => {
    isMaking.value = true;
    try {
      navigate(`/app/agents/${(await createAgent({ template: template.id, name: template.name })).id}`);
    } catch (error) {
      if (isAboutPlan(error)) refused.value = error;
      else toast(agentErrorText(error), { tone: "danger" });
    } finally {
      isMaking.value = false;
    }
  };
  return (
    <div class={`fill-page ${styles.page}`} data-asked={console.runs.value.length > 0}>
      <header class={styles.head}>
        <a class={styles.back} href="/app/agents" aria-label={t("back")}>
          <Icon name="left" />
        </a>
        <h1 class={styles.title} dir="auto">
          {template.name}
        </h1>
        <Button variant="primary" icon="plus" loading={isMaking.value} onClick={() => void make()}>
          {t("make")}
        </Button>
      </header>
      <About template={template} />
      <ConsolePane console={console} />
      {refused.value !== null && <PlanDialog error={refused.value} onClose={() => (refused.value = null)} />}
    </div>
  );
}

function About({ template }: { template: Template }) {
  const names = template.functions.map(({ name }) => String(name));
  return (
    <section class={styles.about} aria-label={t("about")}>
      <p>{template.summary}</p>
      <details>
        <summary>{t("has")}</summary>
        <h3>{t("task")}</h3>
        <p dir="auto">{template.system_prompt}</p>
        <h3>{t("calls")}</h3>
        <p>{template.source === null ? names.join(", ") : t("server")}</p>
      </details>
    </section>
  );
}
