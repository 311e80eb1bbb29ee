import { useEffect, useState } from "preact/hooks";

import { TextField } from "@/ui";

import { t } from "./words";

interface Props {
  label: string;
  hint?: string;
  value: number | null;
  /** What the server says of it. */
  error?: string | undefined;
  /** Empty is an answer, too. */
  isOptional?: boolean;
  onNumber: (value: number | null) => void;
}

/** A number as one writes it: what is no number yet stays in the field and is told. */
export function NumberField({ label, hint, value, error, isOptional = false, onNumber }: Props) {
  const [text, setText] = useState(() => shown(value));
  const isNumber = parsed(text) !== undefined && (isOptional || text.trim() !== "");

  // Changed from elsewhere, such as by discarding the draft.
  useEffect(() => setText((before) => (parsed(before) === value ? before : shown(value))), [value]);

  const change = (next: string) => {
    setText(next);
    const number = parsed(next);
    if (number !== undefined && (number !== null || isOptional)) onNumber(number);
  };
  return (
    <TextField
      label={label}
      hint={hint}
      value={text}
      error={isNumber ? error : t("number")}
      autoComplete="off"
      onValue={change}
    />
  );
}

function shown(value: number | null): string {
  return value === null ? "" : String(value);
}

/** Undefined: it is none. Null: there is nothing. */
function parsed(text: string): number | null | undefined {
  const plain = text.trim().replace(",", ".");
  if (plain === "") return null;
  return /^\d+(?:\.\d+)?$/.test(plain) ? Number(plain) : undefined;
}
