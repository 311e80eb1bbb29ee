import { checkPassword, problems } from "@/lib/accountRules";
import { api, currentUser, forgetSession } from "@/lib/api";
import { useForm } from "@/lib/form";
import { navigate } from "@/lib/router";
import { PasswordField, toast } from "@/ui";

import { AuthCard, AuthForm } from "./AuthForm";
import { useMailedToken } from "./fragment";
import { Expired, isExpired } from "./UseLink";
import { t } from "./words";

export default function ResetPage() {
  const token = useMailedToken();
  const form = useForm({
    initial: { password: "" },
    validate: ({ password }) => problems({ password: checkPassword(password) }),
    submit: async ({ password }) => {
      await api.post("/api/auth/password/reset", { token, password });
      if (currentUser.value !== null) forgetSession(); // it has ended with all others
      toast(t("passwordSet"), { tone: "success" });
      navigate("/app/login", { replace: true });
    },
  });
  const aside = <a href="/app/login">{t("signIn")}</a>;
  if (token === null || isExpired(form.failure)) {
    return (
      <AuthCard title={t("resetTitle")} aside={aside}>
        <Expired renewPath="/app/forgot" />
      </AuthCard>
    );
  }
  return (
    <AuthForm title={t("resetTitle")} form={form} submitLabel={t("setPassword")} aside={aside}>
      <p>{t("resetIntro")}</p>
      <PasswordField
        label={t("newPassword")}
        hint={t("passwordHint")}
        revealLabel={t("reveal")}
        autoComplete="new-password"
        {...form.field("password")}
      />
    </AuthForm>
  );
}
