import { acceptGrant, api } from "@/lib/api";
import { checkEmail, checkPassword, checkUsername, problems, usernameChars } from "@/lib/accountRules";
import { limit } from "@/lib/config";
import { useForm } from "@/lib/form";
import { PasswordField, TextField } from "@/ui";

import { AuthForm } from "./AuthForm";
import { otherFormPath } from "./paths";
import { t } from "./words";

export default function RegisterPage() {
  const form = useForm({
    initial: { username: "", email: "", password: "" },
    validate: ({ username, email, password }) =>
      problems({ username: checkUsername(username), email: checkEmail(email), password: checkPassword(password) }),
    submit: async ({ username, email, password }) =>
      acceptGrant(await api.post("/api/auth/register", { body: { username, email: email.trim(), password } })),
  });
  const aside = (
    <>
      {t("haveAccount")} <a href={otherFormPath("/app/login")}>{t("signIn")}</a>
    </>
  );
  return (
    <AuthForm title={t("register")} form={form} submitLabel={t("register")} aside={aside}>
      <TextField
        label={t("username")}
        hint={t("usernameHint", usernameChars())}
        autoComplete="username"
        autoCapitalize="none"
        spellcheck={false}
        {...form.field("username")}
      />
      <TextField label={t("email")} type="email" autoComplete="email" {...form.field("email")} />
      <PasswordField
        label={t("password")}
        hint={t("passwordHint", { least: limit("min_password_chars") })}
        revealLabel={t("reveal")}
        autoComplete="new-password"
        {...form.field("password")}
      />
    </AuthForm>
  );
}
