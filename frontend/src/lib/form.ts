import type { TargetedSubmitEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { ApiError } from "./api";
import { useCountdown } from "./countdown";

type Values<Name extends string> = Record<Name, string>;
export type FieldErrors<Name extends string> = Partial<Record<Name, string>>;

interface FormOptions<Name extends string> {
  initial: Values<Name>;
  /** Called on every draw, so that the sentences follow the language. */
  validate: (values: Values<Name>) => FieldErrors<Name>;
  /** What a valid form does; an `ApiError` with `details` is shown at the fields it names. */
  submit: (values: Values<Name>) => Promise<void>;
}

/**
 * Values, messages and sending of one form. A field complains once it was left or the form was sent; the server's
 * complaint about a field lasts until the field is changed.
 */
export function useForm<Name extends string>({ initial, validate, submit }: FormOptions<Name>) {
  const [values, setValues] = useState(initial);
  const [touched, setTouched] = useState<Partial<Record<Name, boolean>>>({});
  const [refused, setRefused] = useState<FieldErrors<Name>>({});
  const [attempts, setAttempts] = useState(0);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const [waitUntil, setWaitUntil] = useState<number | null>(null);
  const secondsToWait = useCountdown(waitUntil);
  const form = useRef<HTMLFormElement>(null);
  const problems = validate(values);

  useEffect(() => {
    if (attempts > 0) form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [attempts, refused]);

  const send = async () => {
    setAttempts((count) => count + 1);
    setFailure(null);
    if (Object.keys(problems).length > 0) return;
    setBusy(true);
    try {
      await submit(values);
    } catch (error) {
      const details = refusedFields(error, values);
      setRefused(details);
      // What the fields say needs no second message above them.
      if (Object.keys(details).length === 0) setFailure(error);
      setWaitUntil(waitMoment(error));
    } finally {
      setBusy(false);
    }
  };

  const change = (name: Name, value: string) => {
    setValues((before) => ({ ...before, [name]: value }));
    setRefused((before) => ({ ...before, [name]: undefined }));
  };

  const field = (name: Name) => ({
    name,
    value: values[name],
    onValue: (value: string) => change(name, value),
    onBlur: () => setTouched((before) => ({ ...before, [name]: values[name] !== "" })),
    error: refused[name] ?? (attempts > 0 || touched[name] ? problems[name] : undefined),
  });

  const reset = (next: Values<Name> = initial) => {
    setValues(next);
    setTouched({});
    setRefused({});
    setAttempts(0);
  };

  return {
    values,
    busy,
    failure,
    secondsToWait,
    field,
    reset,
    /** For the `<form>` element. */
    attributes: {
      ref: form,
      noValidate: true,
      onSubmit: (event: TargetedSubmitEvent<HTMLFormElement>) => {
        event.preventDefault();
        if (!busy && secondsToWait === 0) void send();
      },
    },
  };
}

function refusedFields<Name extends string>(error: unknown, values: Values<Name>): FieldErrors<Name> {
  if (!(error instanceof ApiError)) return {};
  const known = Object.entries(error.details).filter(([field]) => field in values);
  return Object.fromEntries(known.map(([field, messages]) => [field, messages.join(" ")])) as FieldErrors<Name>;
}

function waitMoment(error: unknown): number | null {
  if (!(error instanceof ApiError) || error.retryAfter === null) return null;
  return Date.now() + error.retryAfter * 1000;
}
