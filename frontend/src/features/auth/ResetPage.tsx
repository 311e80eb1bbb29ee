import { checkPassword, problems } from "@/lib/accountRules";
import { api, currentUser, forgetSession } from "@/lib/api";
import { limit } from "@/lib/config";
import { useForm } from "@/lib/form";
import { navigate } from "@/lib/router";
import { PasswordField, toast } from "@/ui";

import { AuthCard, AuthForm } from "./AuthForm";
import { useMailedToken } from "./fragment";
import { Expired, isExpired } from "./UseLink";
import { t } from "./words";

export default function ResetPage() {
  const token = useMailedToken();
  return token === null ? <NoLink /> : <ResetForm token={token} />;
}

function ResetForm({ token }: { token: string }) {
  const form = useForm({
    initial: { password: "" },
    validate: ({ password }) => problems({ password: checkPassword(password) }),
    submit: async ({ password }) => {
      await api.post("/api/auth/password/reset", { body: { token, password } });
      if (currentUser.value !== null) forgetSession(); // it has ended with all others
      toast(t("passwordSet"), { tone: "success" });
      navigate("/app/login", { replace: true });
    },
  });
  if (isExpired(form.failure)) return <NoLink />;
  return (
    <AuthForm title={t("resetTitle")} form={form} submitLabel={t("setPassword")} aside={toSignIn()}>
      <p>{t("resetIntro")}</p>
      <PasswordField
        label={t("newPassword")}
        hint={t("passwordHint", { least: limit("min_password_chars") })}
        revealLabel={t("reveal")}
        autoComplete="new-password"
        {...form.field("password")}
      />
    </AuthForm>
  );
}

function NoLink() {
  return (
    <AuthCard title={t("resetTitle")} aside={toSignIn()}>
      <Expired renewPath="/app/forgot" />
    </AuthCard>
  );
}

function toSignIn() {
  return <a href="/app/login">{t("signIn")}</a>;
}
