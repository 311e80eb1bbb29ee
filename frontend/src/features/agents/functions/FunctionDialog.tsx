import { useSignal } from "@preact/signals";
import { useCallback } from "preact/hooks";

import { useResource } from "@/lib/resource";
import { Alert, Button, Dialog, Loaded, Select, TextArea, TextField } from "@/ui";

import { listTools } from "../model/api";
import type { Agent, AgentFunction, FunctionType, FunctionWrite } from "../shapes";
import { agentErrorText } from "../words/problems";
import { AuthFields } from "./AuthFields";
import { t } from "./editorWords";
import type { FieldsProps } from "./fields";
import { formOf, mistakes, newForm, refusedFields, withMethod, writeOf } from "./form";
import type { FunctionForm, Mistakes } from "./form";
import styles from "./functions.module.css";
import { ParameterFields } from "./ParameterFields";
import { RuleFields } from "./RuleFields";

interface Props {
  agent: Agent;
  type: FunctionType;
  /** Null: a new one. */
  row: AgentFunction | null;
  write: (...functions: FunctionWrite[]) => Promise<Agent>;
  onReload: () => void;
  onClose: () => void;
}

const TITLES = { webhook: "newWebhook", api: "newApi", internal: "newInternal", mcp: "newApi" } as const;

/** One function: what it is called, where it goes, who it says it is from, and what it may do. */
export function FunctionDialog({ agent, type, row, write, onReload, onClose }: Props) {
  const form = useSignal<FunctionForm>(row === null ? newForm(type) : formOf(row));
  const wasSent = useSignal(false);
  const isBusy = useSignal(false);
  const failure = useSignal<unknown>(null);
  const isImported = row !== null && row.source_id !== null;
  const found = isImported ? {} : mistakes(form.value, hasSecret(form.value, row));
  const errors = { ...refusedFields(failure.value), ...(wasSent.value && sentences(found)) };

  const save = async () => {
    wasSent.value = true;
    if (Object.keys(found).length > 0) return;
    isBusy.value = true;
    failure.value = null;
    try {
      await write(writeOf(form.peek(), row));
      onClose();
    } catch (error) {
      failure.value = error;
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={row === null ? t(TITLES[type]) : t("edit", { name: row.name })}
      footer={
        <Button variant="primary" loading={isBusy.value} onClick={() => void save()}>
          {t(row === null ? "add" : "save")}
        </Button>
      }
    >
      <div class={styles.form}>
        {failure.value !== null && <Alert tone="danger" title={agentErrorText(failure.value)} />}
        {isImported ? (
          <p>{t("imported")}</p>
        ) : (
          <>
            <Naming form={form} row={row} errors={errors} />
            {type === "internal" ? <ToolField form={form} row={row} errors={errors} /> : <Request form={form} row={row} errors={errors} />}
          </>
        )}
        {!isImported && type !== "internal" && (
          <>
            <ParameterFields form={form} row={row} errors={errors} />
            <AuthFields agentId={agent.id} form={form} row={row} errors={errors} onReload={onReload} />
          </>
        )}
        <RuleFields form={form} row={row} errors={errors} />
      </div>
    </Dialog>
  );
}

function Naming({ form, errors }: FieldsProps) {
  const { name, description } = form.value;
  return (
    <>
      <TextField
        label={t("name")}
        hint={t("nameHint")}
        error={errors.name}
        value={name}
        spellcheck={false}
        autoCapitalize="off"
        autoComplete="off"
        onValue={(value) => (form.value = { ...form.peek(), name: value })}
      />
      <TextArea
        label={t("description")}
        hint={t("descriptionHint")}
        error={errors.description}
        rows={2}
        value={description}
        onValue={(value) => (form.value = { ...form.peek(), description: value })}
      />
    </>
  );
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] as const;

function Request({ form, errors }: FieldsProps) {
  const { type, url, method, headers } = form.value;
  const isWebhook = type === "webhook";
  return (
    <>
      {!isWebhook && (
        <Select
          label={t("method")}
          value={method}
          error={errors.http_method}
          options={METHODS.map((value) => ({ value, label: value }))}
          onValue={(value) => (form.value = withMethod(form.peek(), value as FunctionForm["method"]))}
        />
      )}
      <TextField
        label={t(isWebhook ? "webhookUrl" : "url")}
        hint={isWebhook ? t("webhookUrlHint") : t("urlHint", { city: "{city}" })}
        error={errors.url ?? errors.endpoint_url}
        value={url}
        spellcheck={false}
        autoCapitalize="off"
        autoComplete="off"
        onValue={(value) => (form.value = { ...form.peek(), url: value })}
      />
      <TextArea
        label={t("headers")}
        hint={t("headersHint")}
        error={errors.headers}
        rows={2}
        spellcheck={false}
        value={headers}
        onValue={(value) => (form.value = { ...form.peek(), headers: value })}
      />
    </>
  );
}

function ToolField({ form, row, errors }: FieldsProps) {
  const load = useCallback((signal: AbortSignal) => listTools(signal), []);
  const tools = useResource(load);
  const choose = (name: string) => {
    const tool = tools.data?.find((one) => one.name === name);
    const before = form.peek();
    const isUnnamed = before.name === "" || before.name === before.tool;
    form.value = {
      ...before,
      tool: name,
      ...(isUnnamed && { name }),
      ...(tool && row === null && { description: tool.description, effect: tool.effect, confirm: "never", callableBy: "members" }),
    };
  };
  return (
    <Loaded from={tools} lines={1}>
      {(all) => (
        <Select
          label={t("tool")}
          value={form.value.tool}
          error={errors.tool}
          options={[{ value: "", label: t("choose"), disabled: true }, ...all.map(({ name }) => ({ value: name, label: name }))]}
          onValue={choose}
        />
      )}
    </Loaded>
  );
}

/** A secret stays with its kind and its server. */
function hasSecret(form: FunctionForm, row: AgentFunction | null): boolean {
  return row !== null && row.auth_config.secret_last4 !== null && row.auth_config.kind === form.authKind;
}

function sentences(found: Mistakes): Record<string, string> {
  return Object.fromEntries(Object.entries(found).map(([field, kind]) => [field, t(kind)]));
}
