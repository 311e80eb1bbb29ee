import { Button, IconButton, Select, Switch, TextArea, TextField } from "@/ui";

import { t } from "./editorWords";
import { formOf, schemaOf } from "./form";
import type { Parameter } from "./form";
import type { FieldsProps } from "./fields";
import styles from "./functions.module.css";

const TYPES = ["string", "number", "integer", "boolean"] as const;
const PLACES = ["auto", "path", "query", "header", "field", "body"] as const;
const EMPTY: Parameter = { name: "", type: "string", description: "", isRequired: true, place: "auto" };

/** What the model fills in, in rows or as a JSON schema. */
export function ParameterFields({ form, row, errors }: FieldsProps) {
  const { parameters, schema, type } = form.value;
  const change = (at: number, part: Partial<Parameter>) => {
    const { parameters: before } = form.peek();
    form.value = { ...form.peek(), parameters: before.map((one, index) => (index === at ? { ...one, ...part } : one)) };
  };
  const toSchema = () => (form.value = { ...form.peek(), schema: JSON.stringify(schemaOf(parameters), null, 2) });
  // Rows that cannot say what is written would lose it; then one stays with the schema.
  const rows = schema === null ? null : rowsOfText(schema, row);
  return (
    <fieldset class={styles.group}>
      <legend>{t("given")}</legend>
      {schema === null ? (
        parameters.map((one, at) => (
          <Row
            key={at}
            parameter={one}
            hasPlaces={type === "api"}
            onChange={(part) => change(at, part)}
            onRemove={() => (form.value = { ...form.peek(), parameters: parameters.filter((_, index) => index !== at) })}
          />
        ))
      ) : (
        <div class={styles.mono}>
          <TextArea
            label={t("schema")}
            error={errors.schema ?? errors.parameters}
            rows={10}
            spellcheck={false}
            value={schema}
            onValue={(value) => (form.value = { ...form.peek(), schema: value })}
          />
        </div>
      )}
      {schema === null && errors.parameters && <p role="alert">{errors.parameters}</p>}
      <div class={styles.line}>
        {schema === null ? (
          <>
            <Button icon="plus" onClick={() => (form.value = { ...form.peek(), parameters: [...parameters, EMPTY] })}>
              {t("addParameter")}
            </Button>
            <Button variant="ghost" onClick={toSchema}>
              {t("asSchema")}
            </Button>
          </>
        ) : (
          rows !== null && (
            <Button variant="ghost" onClick={() => (form.value = { ...form.peek(), schema: null, parameters: rows })}>
              {t("asRows")}
            </Button>
          )
        )}
      </div>
    </fieldset>
  );
}

interface RowProps {
  parameter: Parameter;
  hasPlaces: boolean;
  onChange: (part: Partial<Parameter>) => void;
  onRemove: () => void;
}

function Row({ parameter, hasPlaces, onChange, onRemove }: RowProps) {
  const { name, type, description, isRequired, place } = parameter;
  return (
    <div class={styles.parameter}>
      <TextField label={t("parameter")} value={name} spellcheck={false} autoCapitalize="off" onValue={(value) => onChange({ name: value })} />
      <Select
        label={t("type")}
        value={type}
        options={TYPES.map((value) => ({ value, label: t(value) }))}
        onValue={(value) => onChange({ type: value as Parameter["type"] })}
      />
      <TextField label={t("meaning")} value={description} onValue={(value) => onChange({ description: value })} />
      {hasPlaces && (
        <Select
          label={t("place")}
          value={place}
          options={PLACES.map((value) => ({ value, label: t(value) }))}
          onValue={(value) => onChange({ place: value as Parameter["place"] })}
        />
      )}
      <div class={styles.parameterFoot}>
        <Switch label={t("required")} checked={isRequired} onChecked={(value) => onChange({ isRequired: value })} />
        <IconButton icon="trash" label={t("removeParameter", { name })} onClick={onRemove} />
      </div>
    </div>
  );
}

function rowsOfText(schema: string, row: FieldsProps["row"]): readonly Parameter[] | null {
  try {
    const parameters = JSON.parse(schema) as Record<string, unknown>;
    const form = formOf({ ...BLANK, places: row?.places ?? {}, parameters } as unknown as Parameters<typeof formOf>[0]);
    return form.schema === null ? form.parameters : null;
  } catch {
    return null;
  }
}

const BLANK = { headers: {}, auth_config: { kind: "none", name: "", secret_last4: null } };
