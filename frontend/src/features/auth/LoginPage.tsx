import { acceptGrant, api } from "@/lib/api";
import type { Grant } from "@/lib/api";
import { checkRequired, problems } from "@/lib/accountRules";
import { useForm } from "@/lib/form";
import { hasMail } from "@/lib/mail";
import { PasswordField, TextField } from "@/ui";

import { AuthForm } from "./AuthForm";
import { otherFormPath } from "./paths";
import { t } from "./words";

export default function LoginPage() {
  const form = useForm({
    initial: { email: "", password: "" },
    validate: ({ email, password }) => problems({ email: checkRequired(email), password: checkRequired(password) }),
    // Being signed in, the guard takes one from here to where one was going.
    submit: async ({ email, password }) =>
      acceptGrant(await api.post<Grant>("/api/auth/login", { email: email.trim(), password })),
  });
  const aside = (
    <>
      {hasMail() && (
        <>
          <a href={otherFormPath("/app/magic")}>{t("mailMeALink")}</a>
          <a href={otherFormPath("/app/forgot")}>{t("forgot")}</a>
        </>
      )}
      <span>
        {t("noAccount")} <a href={otherFormPath("/app/register")}>{t("register")}</a>
      </span>
    </>
  );
  return (
    <AuthForm title={t("signIn")} form={form} submitLabel={t("signIn")} aside={aside}>
      <TextField
        label={t("login")}
        autoComplete="username"
        autoCapitalize="none"
        spellcheck={false}
        {...form.field("email")}
      />
      <PasswordField
        label={t("password")}
        revealLabel={t("reveal")}
        autoComplete="current-password"
        {...form.field("password")}
      />
    </AuthForm>
  );
}
