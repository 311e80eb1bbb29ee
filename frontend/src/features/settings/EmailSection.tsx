import { useState } from "preact/hooks";

import { checkEmail, checkRequired, problems } from "@/lib/accountRules";
import { api } from "@/lib/api";
import type { User } from "@/lib/api";
import { clock } from "@/lib/countdown";
import { errorText } from "@/lib/errorText";
import { useForm } from "@/lib/form";
import { hasMail } from "@/lib/mail";
import { takesTelegram } from "@/lib/telegram";
import { Alert, Badge, Button, PasswordField, TextField, toast } from "@/ui";

import { FormFailure } from "./FormFailure";
import styles from "./settings.module.css";
import { TelegramRow } from "./TelegramRow";
import { t } from "./words";

/** The address of the account: whether it is proven, and the way to another one. */
export function EmailSection({ user }: { user: User }) {
  return (
    <div class={styles.sessions}>
      {user.email === null ? (
        <p>{t("noEmail")}</p>
      ) : (
        <>
          <p class={styles.dim}>{t("emailIntro")}</p>
          <p class={styles.address}>
            {user.email}
            <Badge tone={user.is_verified ? "cyan" : "pink"}>{t(user.is_verified ? "confirmed" : "unconfirmed")}</Badge>
          </p>
        </>
      )}
      {!hasMail() && <Alert title={t("noMail")} />}
      {hasMail() && user.email !== null && !user.is_verified && <Confirmation email={user.email} />}
      {hasMail() && <ChangeForm user={user} />}
      {(takesTelegram() || user.telegram !== null) && <TelegramRow user={user} />}
    </div>
  );
}

function Confirmation({ email }: { email: string }) {
  const [busy, setBusy] = useState(false);

  const send = async () => {
    setBusy(true);
    try {
      await api.post("/api/auth/email/verification");
      toast(t("confirmationSent", { email }), { tone: "success" });
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
    } finally {
      setBusy(false);
    }
  };

  const again = (
    <Button loading={busy} onClick={send}>
      {t("sendConfirmation")}
    </Button>
  );
  return (
    <Alert tone="warning" title={t("unconfirmed")} action={again}>
      {t("unconfirmedText")}
    </Alert>
  );
}

function ChangeForm({ user }: { user: User }) {
  const [sentTo, setSentTo] = useState<string | null>(null);
  const form = useForm({
    initial: { email: "", password: "" },
    validate: ({ email, password }) =>
      problems({ email: checkEmail(email), password: user.has_password ? checkRequired(password) : undefined }),
    submit: async ({ email, password }) => {
      const to = email.trim();
      const body = user.has_password ? { email: to, password } : { email: to };
      await api.post("/api/auth/email/change", { body });
      form.reset();
      setSentTo(to);
    },
  });
  const waiting = form.secondsToWait > 0;
  const label = user.email === null ? t("addEmail") : t("changeEmail");
  return (
    <form class={styles.form} {...form.attributes}>
      <FormFailure error={form.failure} />
      {sentTo !== null && <Alert title={t("changeSent", { email: sentTo })} />}
      <TextField
        label={t("newEmail")}
        hint={t("newEmailHint")}
        type="email"
        autoComplete="email"
        autoCapitalize="none"
        spellcheck={false}
        {...form.field("email")}
      />
      {user.has_password && (
        <PasswordField
          label={t("yourPassword")}
          revealLabel={t("reveal")}
          autoComplete="current-password"
          {...form.field("password")}
        />
      )}
      <Button type="submit" variant="primary" loading={form.busy} disabled={waiting}>
        {waiting ? t("wait", { time: clock(form.secondsToWait) }) : label}
      </Button>
    </form>
  );
}
