import { useState } from "preact/hooks";

import { checkEmail, problems } from "@/lib/accountRules";
import { api } from "@/lib/api";
import { clock, useCountdown } from "@/lib/countdown";
import { errorText } from "@/lib/errorText";
import { useForm } from "@/lib/form";
import { Alert, Button, TextField } from "@/ui";

import { AuthCard, AuthForm } from "./AuthForm";
import styles from "./AuthForm.module.css";
import { otherFormPath } from "./paths";
import { t } from "./words";

/** A second letter is of no use before the first had time to arrive. */
const PATIENCE_MS = 60_000;

interface Props {
  title: string;
  intro: string;
  endpoint: "/api/auth/magic-link" | "/api/auth/password/reset-request";
  sent: (email: string) => string;
}

/** Asks for an address, has a link sent there, and says what to do while nothing has come. */
export function AskForLink({ title, intro, endpoint, sent }: Props) {
  const [to, setTo] = useState<string | null>(null);
  const form = useForm({
    initial: { email: "" },
    validate: ({ email }) => problems({ email: checkEmail(email) }),
    submit: async ({ email }) => {
      await api.post(endpoint, { body: { email: email.trim() } });
      setTo(email.trim());
    },
  });
  const aside = <a href={otherFormPath("/app/login")}>{t("withPassword")}</a>;
  if (to !== null) {
    return (
      <AuthCard title={t("sentTitle")} aside={aside}>
        <Sent text={sent(to)} again={() => api.post(endpoint, { body: { email: to } })} onOther={() => setTo(null)} />
      </AuthCard>
    );
  }
  return (
    <AuthForm title={title} form={form} submitLabel={t("sendLink")} aside={aside}>
      <p>{intro}</p>
      <TextField
        label={t("email")}
        type="email"
        autoComplete="email"
        autoCapitalize="none"
        spellcheck={false}
        {...form.field("email")}
      />
    </AuthForm>
  );
}

function Sent({ text, again, onOther }: { text: string; again: () => Promise<unknown>; onOther: () => void }) {
  const [readyAt, setReadyAt] = useState(() => Date.now() + PATIENCE_MS);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const left = useCountdown(readyAt);

  const repeat = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await again();
      setReadyAt(Date.now() + PATIENCE_MS);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <div class={styles.form}>
      <p role="status">{text}</p>
      <p>{t("sentHelp")}</p>
      {failure !== null && (
        <Alert tone="danger" title={t("failed")}>
          {errorText(failure)}
        </Alert>
      )}
      <Button full loading={busy} disabled={left > 0} onClick={repeat}>
        {left > 0 ? t("againIn", { time: clock(left) }) : t("again")}
      </Button>
      <Button full variant="ghost" onClick={onOther}>
        {t("otherAddress")}
      </Button>
    </div>
  );
}
