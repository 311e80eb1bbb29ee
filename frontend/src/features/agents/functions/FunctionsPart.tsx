import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";

import { limit } from "@/lib/config";
import { Alert, Menu, toast } from "@/ui";

import { changeAgent } from "../model/api";
import type { Agent, AgentFunction, FunctionWrite, Imported, Source } from "../shapes";
import { SourceRow } from "../sources/SourceRow";
import { agentErrorText } from "../words/problems";
import { FunctionRow } from "./FunctionRow";
import styles from "./functions.module.css";
import { ApproveDialog, FunctionDialog, PickDialog, SourceDialog, TestDialog } from "./lazyParts";
import { t } from "./words";

/** What lies over the list. */
type Open =
  | { kind: "new"; type: "webhook" | "api" | "internal" }
  | { kind: "source"; of: "openapi" | "mcp" }
  | { kind: "edit" | "test" | "approve"; id: string }
  | { kind: "pick"; sourceId: string; imported: Pick<Imported, "left_out" | "notes"> | null };

interface Props {
  agent: Agent;
  onAgent: (agent: Agent) => void;
  onReload: () => void;
}

/** What the agent may call. All of it counts at once: secrets and permissions are no part of a version. */
export function FunctionsPart({ agent, onAgent, onReload }: Props) {
  const id = useId();
  const open = useSignal<Open | null>(null);
  const close = () => (open.value = null);
  const write = async (...functions: FunctionWrite[]) => {
    const changed = await changeAgent(agent.id, { functions });
    onAgent(changed);
    return changed;
  };
  const attempt = (function_: FunctionWrite) =>
    write(function_).then(
      () => undefined,
      (error: unknown) => toast(agentErrorText(error), { tone: "danger" }),
    );
  const rowOf = (row: AgentFunction) => (
    <FunctionRow
      key={row.id}
      row={row}
      onSwitch={(is_enabled) => attempt({ id: row.id, is_enabled })}
      onRemove={() => attempt({ id: row.id, remove: true })}
      onOpen={(kind) => (open.value = { kind, id: row.id })}
    />
  );
  const own = agent.functions.filter(({ source_id: source }) => source === null);
  return (
    <section class={styles.part} aria-labelledby={id}>
      <header class={styles.head}>
        <h2 id={id}>{t("functions")}</h2>
        <AddMenu onOpen={(wanted) => (open.value = wanted)} />
      </header>
      <p class={styles.dim}>{t("hint")}</p>
      {agent.hosts.length > 0 && <p class={styles.hosts}>{t("talksTo", { hosts: agent.hosts.join(", ") })}</p>}
      {agent.functions.length === 0 && agent.sources.length === 0 && <Alert title={t("none")} />}
      {own.length > 0 && <ul class={styles.list}>{own.map(rowOf)}</ul>}
      {agent.sources.map((source) => (
        <SourceRow
          key={source.id}
          agentId={agent.id}
          source={source}
          functions={agent.functions.filter(({ source_id: of }) => of === source.id)}
          draw={rowOf}
          onChoose={() => (open.value = { kind: "pick", sourceId: source.id, imported: null })}
          onReload={onReload}
        />
      ))}
      {agent.functions.length > 0 && (
        <p class={styles.dim}>{t("enabled", { count: agent.functions_count, most: limit("agent_functions_enabled") })}</p>
      )}
      <Dialogs agent={agent} open={open.value} onOpen={(wanted) => (open.value = wanted)} onClose={close} onReload={onReload} write={write} />
    </section>
  );
}

function AddMenu({ onOpen }: { onOpen: (open: Open) => void }) {
  const item = (name: "webhook" | "api" | "internal" | "openapi" | "mcp", icon: "bolt" | "globe" | "lock" | "file" | "device", open: Open) => ({
    label: t(name),
    detail: t(`${name}Detail`),
    icon,
    onSelect: () => onOpen(open),
  });
  return (
    <Menu
      label={t("add")}
      icon="plus"
      items={[
        item("webhook", "bolt", { kind: "new", type: "webhook" }),
        item("api", "globe", { kind: "new", type: "api" }),
        item("internal", "lock", { kind: "new", type: "internal" }),
        item("openapi", "file", { kind: "source", of: "openapi" }),
        item("mcp", "device", { kind: "source", of: "mcp" }),
      ]}
    />
  );
}

interface DialogsProps {
  agent: Agent;
  open: Open | null;
  onOpen: (open: Open) => void;
  onClose: () => void;
  onReload: () => void;
  write: (...functions: FunctionWrite[]) => Promise<Agent>;
}

function Dialogs({ agent, open, onOpen, onClose, onReload, write }: DialogsProps) {
  if (open === null) return null;
  if (open.kind === "new") return <FunctionDialog agent={agent} type={open.type} row={null} write={write} onReload={onReload} onClose={onClose} />;
  if (open.kind === "source") {
    const added = (imported: Imported) => {
      onReload();
      onOpen({ kind: "pick", sourceId: imported.source.id, imported });
    };
    return <SourceDialog agentId={agent.id} kind={open.of} onAdded={added} onClose={onClose} />;
  }
  if (open.kind === "pick") {
    const source: Source | undefined = agent.sources.find(({ id }) => id === open.sourceId);
    // It comes with the agent, which is on its way.
    if (source === undefined) return null;
    const functions = agent.functions.filter(({ source_id: of }) => of === source.id);
    return <PickDialog agent={agent} source={source} functions={functions} imported={open.imported} write={write} onReload={onReload} onClose={onClose} />;
  }
  const row = agent.functions.find(({ id }) => id === open.id);
  if (row === undefined) return null;
  if (open.kind === "test") return <TestDialog agentId={agent.id} row={row} onCalled={onReload} onClose={onClose} />;
  if (open.kind === "approve") return <ApproveDialog agentId={agent.id} row={row} onReload={onReload} onClose={onClose} />;
  return <FunctionDialog agent={agent} type={row.function_type} row={row} write={write} onReload={onReload} onClose={onClose} />;
}
