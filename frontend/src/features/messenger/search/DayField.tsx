import { Field } from "@/ui/Field";

interface DayFieldProps {
  label: string;
  /** `2026-01-31`, or empty. */
  value: string;
  onValue: (value: string) => void;
  error?: string | null;
  /** The last day that can be chosen. */
  max?: string;
}

/** A calendar day, by the browser's own calendar. */
export function DayField({ label, value, onValue, error, max }: DayFieldProps) {
  return (
    <Field label={label} error={error}>
      {(control) => (
        <input
          {...control}
          type="date"
          value={value}
          {...(max !== undefined && { max })}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}
