import type { InputHTMLAttributes, Ref, SelectHTMLAttributes, TextareaHTMLAttributes } from "preact";
import { useId, useState } from "preact/hooks";

import { Field } from "./Field";
import type { FieldProps } from "./Field";
import fieldStyles from "./Field.module.css";
import { IconButton } from "./IconButton";
import styles from "./Switch.module.css";

/** What every text-like control takes: a value from outside and a word about each change. */
interface Controlled {
  value: string;
  onValue: (value: string) => void;
}

type Common = "name" | "required" | "disabled" | "autoFocus" | "onBlur" | "onKeyDown" | "onPaste";
type Text = Common | "autoComplete" | "placeholder" | "maxLength" | "minLength" | "spellcheck" | "autoCapitalize";

interface TextFieldProps extends FieldProps, Controlled, Pick<InputHTMLAttributes, Text> {
  type?: "text" | "email" | "search";
  inputRef?: Ref<HTMLInputElement>;
  /** The field chooses from a list that stands below it, and has the focus all the time. */
  combobox?: { listId: string; activeId: string | null };
}

/** The JSX types tie `type` to `role` and `list`, of which these fields set neither; any text-like type is good. */
function textLike(type: string): "text" {
  return type as "text";
}

export function TextField({ label, hint, error, hideLabel, value, onValue, inputRef, type, combobox, ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error} hideLabel={hideLabel ?? false}>
      {(control) => (
        <input
          dir="auto"
          {...rest}
          {...control}
          {...(inputRef && { ref: inputRef })}
          {...(combobox && comboboxAttributes(combobox))}
          type={textLike(type ?? "text")}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

function comboboxAttributes({ listId, activeId }: NonNullable<TextFieldProps["combobox"]>) {
  return {
    role: "combobox",
    "aria-expanded": activeId !== null,
    "aria-autocomplete": "list",
    "aria-controls": listId,
    ...(activeId !== null && { "aria-activedescendant": activeId }),
  } as const;
}

interface PasswordFieldProps extends Omit<TextFieldProps, "type" | "inputRef" | "hideLabel" | "combobox"> {
  /** Name of the button that shows the letters. */
  revealLabel: string;
}

export function PasswordField({ label, hint, error, value, onValue, revealLabel, ...rest }: PasswordFieldProps) {
  const [visible, setVisible] = useState(false);
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <div class={fieldStyles.withButton}>
          <input
            {...rest}
            {...control}
            type={textLike(visible ? "text" : "password")}
            value={value}
            onInput={(event) => onValue(event.currentTarget.value)}
          />
          <span class={fieldStyles.inside}>
            <IconButton
              icon={visible ? "hidden" : "eye"}
              label={revealLabel}
              pressed={visible}
              onClick={() => setVisible(!visible)}
            />
          </span>
        </div>
      )}
    </Field>
  );
}

interface TextAreaProps extends FieldProps, Controlled, Pick<TextareaHTMLAttributes, Text | "rows"> {
  inputRef?: Ref<HTMLTextAreaElement>;
}

export function TextArea({ label, hint, error, hideLabel, value, onValue, inputRef, ...rest }: TextAreaProps) {
  return (
    <Field label={label} hint={hint} error={error} hideLabel={hideLabel ?? false}>
      {(control) => (
        <textarea
          dir="auto"
          {...rest}
          {...control}
          {...(inputRef && { ref: inputRef })}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export interface Option {
  value: string;
  label: string;
  disabled?: boolean;
}

interface SelectProps extends FieldProps, Controlled, Pick<SelectHTMLAttributes, Common> {
  options: readonly Option[];
}

export function Select({ label, hint, error, hideLabel, value, onValue, options, ...rest }: SelectProps) {
  return (
    <Field label={label} hint={hint} error={error} hideLabel={hideLabel ?? false}>
      {(control) => (
        <select {...rest} {...control} value={value} onChange={(event) => onValue(event.currentTarget.value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value} disabled={option.disabled ?? false}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface SwitchProps {
  label: string;
  hint?: string;
  checked: boolean;
  onChecked: (checked: boolean) => void;
  disabled?: boolean;
}

export function Switch({ label, hint, checked, onChecked, disabled = false }: SwitchProps) {
  const id = useId();
  return (
    <label class={styles.switch}>
      <input
        type="checkbox"
        role="switch"
        class={styles.input}
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? id : undefined}
        onChange={(event) => onChecked(event.currentTarget.checked)}
      />
      <span class={styles.track} aria-hidden="true" />
      <span>
        <span class={styles.label}>{label}</span>
        {hint && (
          <span id={id} class={styles.hint}>
            {hint}
          </span>
        )}
      </span>
    </label>
  );
}
