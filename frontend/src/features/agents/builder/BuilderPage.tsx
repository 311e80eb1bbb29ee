import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import type { PageProps } from "@/app/feature";
import { useResource } from "@/lib/resource";
import { query } from "@/lib/router";
import { Alert, classes, Loaded, Tabs } from "@/ui";

import { ConsolePane } from "../console/ConsolePane";
import { FunctionsPart } from "../functions/FunctionsPart";
import { publish, putDraft, readAgent } from "../model/api";
import { consoleOf } from "../model/console";
import { DraftKeeper } from "../model/draft";
import { loadModels } from "../model/models";
import type { Agent } from "../shapes";
import styles from "./builder.module.css";
import { BuilderHead } from "./BuilderHead";
import { UsePart } from "./UsePart";
import { WhoPart } from "./WhoPart";
import { t } from "./words";

const PARTS = ["who", "functions", "console"] as const;

/** Who an agent is, what it may call, and a place to try it; on a narrow screen one of the three at a time. */
export default function BuilderPage({ params }: PageProps) {
  const id = params.id ?? "";
  const load = useCallback((signal: AbortSignal) => readAgent(id, signal), [id]);
  const agent = useResource(load);
  return (
    <div class={classes("fill-page", styles.page)}>
      {agent.data?.id === id ? (
        <Builder key={id} agent={agent.data} onAgent={agent.set} onReload={agent.reload} />
      ) : (
        <div class={styles.waiting}>
          <Loaded from={{ ...agent, data: null }} failure="page" lines={6}>
            {() => null}
          </Loaded>
        </div>
      )}
    </div>
  );
}

interface BuilderProps {
  agent: Agent;
  onAgent: (agent: Agent) => void;
  onReload: () => void;
}

function Builder({ agent, onAgent, onReload }: BuilderProps) {
  const { id } = agent;
  const [draft] = useState(() => new DraftKeeper(agent, { save: (body, isLeaving) => putDraft(id, body, isLeaving), publish: () => publish(id) }));
  const wanted = query.value.get("part");
  const part = PARTS.find((one) => one === wanted) ?? "who";
  const tabs = PARTS.map((one) => ({ id: one, label: t(one), href: `/app/agents/${id}?part=${one}` }));

  useEffect(() => {
    const leave = () => draft.leave();
    addEventListener("pagehide", leave);
    void loadModels().catch(() => undefined);
    return () => {
      removeEventListener("pagehide", leave);
      leave();
    };
  }, [draft]);
  useEffect(() => draft.follow(agent), [draft, agent]);
  useAfterRuns(id, onReload);

  return (
    <>
      <BuilderHead agent={agent} draft={draft} onAgent={onAgent} />
      <div class={styles.tabs}>
        <Tabs label={t("parts")} tabs={tabs} current={part} />
      </div>
      <div class={styles.parts} data-part={part}>
        <div class={styles.part} data-is="who">
          <Off agent={agent} />
          <WhoPart agent={agent} draft={draft} onAgent={onAgent} />
          <UsePart agent={agent} onAgent={onAgent} />
        </div>
        <div class={styles.part} data-is="functions">
          <FunctionsPart agent={agent} onAgent={onAgent} onReload={onReload} />
        </div>
        <div class={styles.last} data-is="console">
          <ConsolePane console={consoleOf(id)} draft={draft} />
        </div>
      </div>
    </>
  );
}

/** When a run of the console is over: what it has called says so, and a source may have been found changed. */
function useAfterRuns(id: string, reload: () => void): void {
  const isRunning = consoleOf(id).current.value !== null;
  const was = useRef(isRunning);
  useEffect(() => {
    if (was.current && !isRunning) reload();
    was.current = isRunning;
  }, [isRunning, reload]);
}

function Off({ agent }: { agent: Agent }) {
  if (agent.switched_off_by_staff) return <Alert tone="danger" title={t("offByStaff")} />;
  return agent.is_active ? null : <Alert tone="warning" title={t("isOff")} />;
}
