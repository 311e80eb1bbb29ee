import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import { Badge, ConfirmDialog, Menu, toast } from "@/ui";

import { changeSource, deleteSource, refreshSource } from "../model/api";
import type { AgentFunction, Source } from "../shapes";
import { agentErrorText } from "../words/problems";
import styles from "./sources.module.css";
import { t } from "./words";

interface Props {
  agentId: string;
  source: Source;
  functions: readonly AgentFunction[];
  draw: (row: AgentFunction) => ComponentChildren;
  onChoose: () => void;
  onReload: () => void;
}

const TONES = { ok: "cyan", failing: "pink", changed: "gold", off: "plain" } as const;

/** A source and those of its functions that are on, or want to be looked at. */
export function SourceRow({ agentId, source, functions, draw, onChoose, onReload }: Props) {
  const isRemoving = useSignal(false);
  const { id, name, state } = source;
  const shown = functions.filter((one) => one.is_enabled || one.changed !== null);
  const attempt = (work: () => Promise<unknown>) => () =>
    void work().then(onReload, (error: unknown) => {
      toast(agentErrorText(error), { tone: "danger" });
      onReload();
    });
  const refresh = attempt(async () => {
    const { added, changed, gone } = await refreshSource(agentId, id);
    const isSame = added.length + changed.length + gone.length === 0;
    toast(isSame ? t("refreshed") : t("found", { added: added.length, changed: changed.length, gone: gone.length }));
  });
  const isOff = state === "off";
  return (
    <section class={styles.source} aria-label={name}>
      <header class={styles.sourceHead}>
        <div class={styles.words}>
          <h3 dir="auto">{name}</h3>
          <p class={styles.dim}>{[source.server_label, source.url].filter((part) => part !== "").join(" · ")}</p>
          <p class={styles.line}>
            <Badge tone={TONES[state]}>{t(state)}</Badge>
            {source.protocol !== "" && <Badge>{t("revision", { revision: source.protocol })}</Badge>}
            <span class={styles.dim}>{t("offered", { on: functions.filter((one) => one.is_enabled).length, count: functions.length })}</span>
          </p>
          {source.problem !== "" && <p class={styles.warn}>{source.problem}</p>}
        </div>
        <Menu
          label={t("actions", { name })}
          items={[
            { label: t("choose"), icon: "check", onSelect: onChoose },
            // A document that was given as a text is not asked for again.
            ...(source.url !== "" || source.kind === "mcp" ? [{ label: t("refresh"), icon: "refresh" as const, onSelect: refresh }] : []),
            {
              label: t(isOff ? "turnOn" : "turnOff"),
              icon: isOff ? "play" : "pause",
              onSelect: attempt(() => changeSource(agentId, id, { is_off: !isOff })),
            },
            { label: t("remove"), icon: "trash", danger: true, onSelect: () => (isRemoving.value = true) },
          ]}
        />
      </header>
      {shown.length > 0 && <ul class={styles.functions}>{shown.map(draw)}</ul>}
      {isRemoving.value && (
        <ConfirmDialog
          open
          danger
          onClose={() => (isRemoving.value = false)}
          title={t("removeTitle", { name })}
          confirmLabel={t("remove")}
          onConfirm={attempt(() => deleteSource(agentId, id))}
        >
          <p>{t("removeText")}</p>
        </ConfirmDialog>
      )}
    </section>
  );
}
