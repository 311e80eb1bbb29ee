import { checkPassword, checkRequired, problems } from "@/lib/accountRules";
import { api, updateUser } from "@/lib/api";
import type { User } from "@/lib/api";
import { limit } from "@/lib/config";
import { clock } from "@/lib/countdown";
import { useForm } from "@/lib/form";
import { Button, PasswordField, toast } from "@/ui";

import { FormFailure } from "./FormFailure";
import styles from "./settings.module.css";
import { t } from "./words";

const EMPTY = { current_password: "", new_password: "" };

/** Changes the password; who came by a link has none yet, and sets the first one. */
export function PasswordForm({ user }: { user: User }) {
  const isFirst = !user.has_password;
  const form = useForm({
    initial: EMPTY,
    validate: (values) =>
      problems({
        current_password: isFirst ? undefined : checkRequired(values.current_password),
        new_password: checkPassword(values.new_password) ?? checkDifferent(values),
      }),
    submit: async (values) => {
      await api.post("/api/auth/password", { body: isFirst ? { new_password: values.new_password } : values });
      form.reset();
      updateUser({ ...user, has_password: true });
      toast(isFirst ? t("firstSet") : t("changed"), { tone: "success" });
    },
  });
  const waiting = form.secondsToWait > 0;
  return (
    <form class={styles.form} {...form.attributes}>
      <FormFailure error={form.failure} />
      {isFirst ? (
        <p>{t("firstIntro")}</p>
      ) : (
        <PasswordField
          label={t("current")}
          revealLabel={t("reveal")}
          autoComplete="current-password"
          {...form.field("current_password")}
        />
      )}
      <PasswordField
        label={t("next")}
        hint={t("nextHint", { least: limit("min_password_chars") })}
        revealLabel={t("reveal")}
        autoComplete="new-password"
        {...form.field("new_password")}
      />
      <p class={styles.dim}>{t("others")}</p>
      <Button type="submit" variant="primary" loading={form.busy} disabled={waiting}>
        {waiting ? t("wait", { time: clock(form.secondsToWait) }) : t(isFirst ? "setFirst" : "change")}
      </Button>
    </form>
  );
}

function checkDifferent(values: typeof EMPTY): string | undefined {
  return values.new_password === values.current_password ? t("same") : undefined;
}
