import { useSignal } from "@preact/signals";

import { limit } from "@/lib/config";
import { Alert, Badge, Button, Dialog, TextField } from "@/ui";

import { needsApproval } from "../functions/FunctionRow";
import { approveFunctions } from "../model/api";
import type { Agent, AgentFunction, FunctionWrite, Imported, Source } from "../shapes";
import { t as shared } from "../words";
import { agentErrorText } from "../words/problems";
import { groupsOf } from "./groups";
import type { Group } from "./groups";
import styles from "./sources.module.css";
import { t } from "./words";

interface Props {
  agent: Agent;
  source: Source;
  functions: readonly AgentFunction[];
  /** What was said when it was read just now. */
  imported: Pick<Imported, "left_out" | "notes"> | null;
  write: (...functions: FunctionWrite[]) => Promise<Agent>;
  onReload: () => void;
  onClose: () => void;
}

/** What of a source is on: grouped by tag, those that only read first. */
export function PickDialog({ agent, source, functions, imported, write, onReload, onClose }: Props) {
  const chosen = useSignal<ReadonlySet<string>>(new Set(functions.filter((one) => one.is_enabled).map(({ id }) => id)));
  const search = useSignal("");
  const isBusy = useSignal(false);
  const failure = useSignal<unknown>(null);
  const most = limit("agent_functions_enabled");
  const others = agent.functions.filter((one) => one.is_enabled && one.source_id !== source.id).length;
  const count = others + chosen.value.size;
  const needle = search.value.trim().toLowerCase();
  const shown = functions.filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(needle));

  const save = async () => {
    isBusy.value = true;
    failure.value = null;
    try {
      await switchTo(agent.id, functions, chosen.peek(), write);
      onReload();
      onClose();
    } catch (error) {
      failure.value = error;
      onReload();
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("pickTitle", { name: source.name })}
      footer={
        <Button variant="primary" loading={isBusy.value} disabled={count > most} onClick={() => void save()}>
          {t("switchOn", { count: chosen.value.size })}
        </Button>
      }
    >
      <div class={styles.form}>
        {failure.value !== null && <Alert tone="danger" title={agentErrorText(failure.value)} />}
        {count > most ? <Alert tone="warning" title={t("tooMany", { most })} /> : <p>{t("pickHint", { count, most })}</p>}
        <Report imported={imported} />
        {functions.length > 8 && <TextField label={t("filter")} hideLabel placeholder={t("filter")} value={search.value} onValue={(value) => (search.value = value)} />}
        {shown.length === 0 && <p role="status">{t("noneFound")}</p>}
        {groupsOf(shown).map((group) => (
          <GroupRows key={group.name} group={group} chosen={chosen.value} onChosen={(next) => (chosen.value = next)} />
        ))}
      </div>
    </Dialog>
  );
}

function Report({ imported }: { imported: Props["imported"] }) {
  if (imported === null) return null;
  const { left_out: leftOut, notes } = imported;
  return (
    <>
      {notes.length > 0 && (
        <Alert title={t("notes")}>
          <ul>
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Alert>
      )}
      {leftOut.length > 0 && (
        <details>
          <summary>{t("leftOut", { count: leftOut.length })}</summary>
          <ul class={styles.leftOut}>
            {leftOut.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

interface GroupProps {
  group: Group;
  chosen: ReadonlySet<string>;
  onChosen: (chosen: ReadonlySet<string>) => void;
}

function GroupRows({ group: { name, functions }, chosen, onChosen }: GroupProps) {
  const title = name === "" ? t("others") : name;
  const isAll = functions.every(({ id }) => chosen.has(id));
  const change = (ids: readonly string[], isOn: boolean) => {
    const next = new Set(chosen);
    for (const id of ids) if (isOn) next.add(id);
    else next.delete(id);
    onChosen(next);
  };
  return (
    <fieldset class={styles.group}>
      <legend>{title}</legend>
      <label class={styles.all}>
        <input
          type="checkbox"
          checked={isAll}
          onChange={(event) => change(functions.map(({ id }) => id), event.currentTarget.checked)}
        />
        {t("all", { name: title })}
      </label>
      {functions.map((one) => (
        <label key={one.id} class={styles.choice}>
          <input type="checkbox" checked={chosen.has(one.id)} onChange={(event) => change([one.id], event.currentTarget.checked)} />
          <span class={styles.choiceWords}>
            <span class={styles.line}>
              <strong>{one.name}</strong>
              <Badge tone={one.effect === "write" ? "pink" : "cyan"}>{shared(one.effect)}</Badge>
            </span>
            <span class={styles.dim}>{one.description}</span>
            {one.notices.length > 0 && <span class={styles.warn}>{t("noticed")}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** What is newly on is approved as it was shown; what is off is switched off first, to make room. */
async function switchTo(
  agentId: string,
  functions: readonly AgentFunction[],
  chosen: ReadonlySet<string>,
  write: Props["write"],
): Promise<void> {
  const off = functions.filter((one) => one.is_enabled && !chosen.has(one.id)).map(({ id }) => ({ id, is_enabled: false }));
  const on = functions.filter((one) => !one.is_enabled && chosen.has(one.id));
  const known = on.filter((one) => !needsApproval(one)).map(({ id }) => ({ id, is_enabled: true }));
  const fresh = on.filter(needsApproval);
  if (off.length + known.length > 0) await write(...off, ...known);
  if (fresh.length > 0) await approveFunctions(agentId, fresh, true);
}
