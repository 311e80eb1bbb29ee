import { acceptGrant, api } from "@/lib/api";
import { checkRequired, problems } from "@/lib/accountRules";
import { useForm } from "@/lib/form";
import { hasMail } from "@/lib/mail";
import { telegramInitData } from "@/lib/telegram";
import { PasswordField, TextField } from "@/ui";

import { AuthCard, AuthForm } from "./AuthForm";
import { goesAt, KeepAccount } from "./KeepAccount";
import { otherFormPath } from "./paths";
import { TelegramButton } from "./TelegramButton";
import { t } from "./words";

export default function LoginPage() {
  const form = useForm({
    initial: { email: "", password: "" },
    validate: ({ email, password }) => problems({ email: checkRequired(email), password: checkRequired(password) }),
    // Being signed in, the guard takes one from here to where one was going.
    submit: (values) => signIn(values, false),
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
  const initData = telegramInitData();
  const instead = initData !== null && <TelegramButton initData={initData} />;
  const at = goesAt(form.failure);
  if (at !== null) {
    return (
      <AuthCard title={t("signIn")} aside={aside}>
        <KeepAccount at={at} keep={() => signIn(form.values, true)} />
      </AuthCard>
    );
  }
  return (
    <AuthForm title={t("signIn")} form={form} submitLabel={t("signIn")} aside={aside} instead={instead}>
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

/** `restore` takes back that the account was to go. */
async function signIn({ email, password }: { email: string; password: string }, restore: boolean): Promise<void> {
  acceptGrant(await api.post("/api/auth/login", { body: { email: email.trim(), password, restore } }));
}
