import { useId } from "preact/hooks";

import { ApiError } from "@/lib/api";
import { hasModule, limit } from "@/lib/config";
import { uploadAvatar } from "@/lib/upload";
import { Select, TextArea, TextField, toast } from "@/ui";
import { AvatarPicker } from "@/ui/avatar";

import { changeAgent } from "../model/api";
import type { DraftKeeper, Fields } from "../model/draft";
import { models } from "../model/models";
import type { Agent } from "../shapes";
import { agentErrorText } from "../words/problems";
import styles from "./builder.module.css";
import { NumberField } from "./NumberField";
import { t } from "./words";

interface Props {
  agent: Agent;
  draft: DraftKeeper;
  onAgent: (agent: Agent) => void;
}

/** What is published together: name, task, model and bounds. */
export function WhoPart({ agent, draft, onAgent }: Props) {
  const id = useId();
  const fields = draft.fields.value;
  const refused = refusals(draft.trouble.value);
  const username = agent.user.username;
  const keepPicture = (avatar_id: string | null) =>
    changeAgent(agent.id, { avatar_id }).then(onAgent, (error: unknown) => toast(agentErrorText(error), { tone: "danger" }));
  return (
    <section class={styles.card} aria-labelledby={id}>
      <h2 id={id}>{t("who")}</h2>
      <AvatarPicker
        name={fields.name}
        avatarUrl={agent.user.avatar_url}
        upload={uploadAvatar}
        explain={agentErrorText}
        onPicked={(picked) => void keepPicture(picked)}
      />
      <TextField
        label={t("name")}
        value={fields.name}
        maxLength={limit("agent_name_length")}
        error={fields.name.trim() === "" ? t("nameNeeded") : refused.name}
        {...(username !== null && { hint: t("user", { username: `@${username}` }) })}
        onValue={(name) => draft.change({ name })}
      />
      <TextArea
        label={t("prompt")}
        hint={t("promptHint")}
        rows={8}
        value={fields.system_prompt}
        error={refused.system_prompt}
        maxLength={limit("agent_prompt_length")}
        onValue={(system_prompt) => draft.change({ system_prompt })}
      />
      <ModelField model={fields.model} error={refused.model} onModel={(model) => draft.change({ model })} />
      <More draft={draft} refused={refused} />
    </section>
  );
}

function ModelField({ model, error, onModel }: { model: string; error: string | undefined; onModel: (model: string) => void }) {
  const known = models.value;
  if (known === null && !hasModule("aichat")) {
    return <TextField label={t("model")} value={model} error={error} spellcheck={false} onValue={onModel} />;
  }
  const options = (known ?? []).map(({ id, name, available, is_demo: isDemo }) => ({
    value: id,
    label: available ? (isDemo ? t("modelDemo", { name }) : name) : t("modelNeeds", { name }),
    disabled: !available,
  }));
  // One that is no longer offered, or not known yet, is shown as what it is.
  const all = options.some(({ value }) => value === model) ? options : [{ value: model, label: model }, ...options];
  return <Select label={t("model")} value={model} error={error} options={all} onValue={onModel} />;
}

const BOUNDS = ["max_steps", "max_calls", "max_seconds", "run_tokens", "max_tokens"] as const;

function More({ draft, refused }: { draft: DraftKeeper; refused: Refusals }) {
  const fields = draft.fields.value;
  return (
    <details class={styles.more}>
      <summary>{t("limits")}</summary>
      <div class={styles.grid}>
        <p class={styles.dim}>{t("limitsHint")}</p>
        {BOUNDS.map((name) => (
          <NumberField
            key={name}
            label={t(name)}
            value={fields[name]}
            error={refused[name]}
            onNumber={(value) => value !== null && draft.change({ [name]: value })}
          />
        ))}
        <NumberField
          label={t("history_tokens")}
          hint={t("historyHint")}
          value={fields.history_tokens}
          error={refused.history_tokens}
          onNumber={(value) => value !== null && draft.change({ history_tokens: value })}
        />
        <NumberField
          label={t("temperature")}
          hint={t("temperatureHint")}
          value={fields.temperature}
          error={refused.temperature}
          isOptional
          onNumber={(temperature) => draft.change({ temperature })}
        />
      </div>
    </details>
  );
}

type Refusals = Partial<Record<keyof Fields, string>>;

/** What the server has said of single fields. */
function refusals(trouble: unknown): Refusals {
  if (!(trouble instanceof ApiError)) return {};
  const named = Object.fromEntries(Object.entries(trouble.details).map(([name, sentences]) => [name, sentences.join(" ")]));
  if (["model_without_tools", "unknown_model", "model_ended", "no_provider"].includes(trouble.code)) named.model = agentErrorText(trouble);
  return named;
}
