import type { ComponentChildren } from "preact";

import { ApiError } from "@/lib/api";
import { clock } from "@/lib/countdown";
import { errorText } from "@/lib/errorText";
import type { useForm } from "@/lib/form";
import { Alert, Button, GlitchText, Marquee } from "@/ui";

import styles from "./AuthForm.module.css";
import { t } from "./words";

interface AuthFormProps {
  title: string;
  form: Pick<ReturnType<typeof useForm<string>>, "attributes" | "busy" | "failure" | "secondsToWait">;
  submitLabel: string;
  /** Another way, above the form. */
  instead?: ComponentChildren;
  /** The way to the other form. */
  aside: ComponentChildren;
  children: ComponentChildren;
}

/** The card that every page of this feature is. */
export function AuthCard({ title, aside, children }: Pick<AuthFormProps, "title" | "aside" | "children">) {
  return (
    <div class={styles.stage}>
      <Marquee text={t("motto")} />
      <div class={styles.scroller}>
        <div class={styles.card}>
          <h1>
            <GlitchText text={title} calm />
          </h1>
          {children}
          <div class={styles.aside}>{aside}</div>
        </div>
      </div>
    </div>
  );
}

/** A card with a form in it. */
export function AuthForm({ title, form, submitLabel, aside, instead, children }: AuthFormProps) {
  const waiting = form.secondsToWait > 0;
  return (
    <AuthCard title={title} aside={aside}>
      {instead}
      <form class={styles.form} {...form.attributes}>
        {form.failure !== null && (
          <Alert tone="danger" title={t("failed")}>
            {failureText(form.failure)}
          </Alert>
        )}
        {children}
        <Button type="submit" variant="primary" full loading={form.busy} disabled={waiting}>
          {waiting ? t("wait", { time: clock(form.secondsToWait) }) : submitLabel}
        </Button>
      </form>
    </AuthCard>
  );
}

function failureText(error: unknown): string {
  if (error instanceof ApiError && error.status === 401) return t("wrong");
  if (error instanceof ApiError && error.status === 409) return t("taken");
  if (error instanceof ApiError && error.code === "account_disabled") return t("disabled");
  return errorText(error);
}
