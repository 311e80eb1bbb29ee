import { Select } from "@/ui";

import { NumberField } from "../builder/NumberField";
import { t } from "./editorWords";
import type { FunctionForm } from "./form";
import type { FieldsProps } from "./fields";
import styles from "./functions.module.css";

/** What a call may do, in words that say what follows from each choice. */
export function RuleFields({ form, errors }: FieldsProps) {
  const { type, effect, repeat, confirm, callableBy, timeout, perRun, perDay } = form.value;
  const set = (part: Partial<FunctionForm>) => (form.value = { ...form.peek(), ...part });
  return (
    <fieldset class={styles.group}>
      <legend>{t("rules")}</legend>
      {type !== "internal" && (
        <Select
          label={t("effect")}
          value={effect}
          error={errors.effect}
          options={[
            { value: "read", label: t("effectRead") },
            { value: "write", label: t("effectWrite") },
          ]}
          onValue={(value) => set({ effect: value as FunctionForm["effect"] })}
        />
      )}
      <Select
        label={t("confirm")}
        value={confirm}
        error={errors.confirm}
        options={[
          { value: "never", label: t("confirmNever") },
          { value: "asker", label: t("confirmAsker") },
          { value: "owner", label: t("confirmOwner") },
        ]}
        onValue={(value) => set({ confirm: value as FunctionForm["confirm"] })}
      />
      {type !== "internal" && (
        <Select
          label={t("repeat")}
          value={repeat}
          error={errors.repeat}
          options={[
            { value: "never", label: t("repeatNever") },
            { value: "keyed", label: t("repeatKeyed") },
            { value: "always", label: t("repeatAlways") },
          ]}
          onValue={(value) => set({ repeat: value as FunctionForm["repeat"] })}
        />
      )}
      <Select
        label={t("callable")}
        value={callableBy}
        error={errors.callable_by}
        options={[
          { value: "owner", label: t("callableOwner") },
          { value: "members", label: t("callableMembers") },
        ]}
        onValue={(value) => set({ callableBy: value as FunctionForm["callableBy"] })}
      />
      <details>
        <summary>{t("more")}</summary>
        <div class={styles.form}>
          <NumberField label={t("timeout")} value={timeout} error={errors.timeout} onNumber={(value) => value !== null && set({ timeout: value })} />
          <NumberField label={t("perRun")} value={perRun} error={errors.per_run} onNumber={(value) => value !== null && set({ perRun: value })} />
          <NumberField
            label={t("perDay")}
            hint={t("perDayHint")}
            value={perDay}
            error={errors.per_day}
            isOptional
            onNumber={(value) => set({ perDay: value })}
          />
        </div>
      </details>
    </fieldset>
  );
}
