import { useCallback } from "preact/hooks";

import type { PageProps } from "@/app/feature";
import { formatDate } from "@/lib/i18n";
import { usePaged } from "@/lib/paged";
import { Badge, Button, EmptyState, List, ListItem, Loaded } from "@/ui";

import { listRuns } from "../model/api";
import { reasonText, stateName, t as shared } from "../words";
import styles from "./trace.module.css";
import { t } from "./words";

/** What was asked of an agent, newest first. */
export default function RunsPage({ params }: PageProps) {
  const id = params.id ?? "";
  const load = useCallback((signal: AbortSignal) => listRuns(id, signal), [id]);
  const runs = usePaged(load);
  const nothing = (
    <EmptyState icon="clock" title={t("noRuns")} action={<Button href={`/app/agents/${id}?part=console`}>{t("back")}</Button>}>
      {t("noRunsText")}
    </EmptyState>
  );
  return (
    <div class={styles.page}>
      <h1>{t("runs")}</h1>
      <p>
        <a href={`/app/agents/${id}`}>{t("back")}</a>
      </p>
      <Loaded from={runs} empty={nothing}>
        {(rows) => (
          <List label={t("runs")}>
            {rows.map((run) => (
              <ListItem key={run.id} href={`/app/agents/runs/${run.id}`}>
                <span class={styles.row}>
                  <strong class={styles.clipped} dir="auto">
                    {run.prompt ?? t(run.trigger)}
                  </strong>
                  <span class={styles.line}>
                    <Badge tone={run.state === "complete" ? "cyan" : run.state === "failed" ? "pink" : "plain"}>{stateName(run.state)}</Badge>
                    <span class={styles.dim}>
                      {[
                        formatDate(run.created_at, { dateStyle: "short", timeStyle: "short" }),
                        t(run.trigger),
                        shared("tokens", { count: run.total_tokens }),
                        shared("calls", { count: run.calls }),
                      ].join(" · ")}
                    </span>
                  </span>
                  {run.reason !== null && run.state !== "complete" && <span class={styles.dim}>{reasonText(run.reason)}</span>}
                </span>
              </ListItem>
            ))}
          </List>
        )}
      </Loaded>
    </div>
  );
}
