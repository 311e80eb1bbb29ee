import { useState } from "preact/hooks";

import { api, currentUser, updateUser } from "@/lib/api";
import { Alert, Button } from "@/ui";

import { AuthCard } from "./AuthForm";
import { useMailedToken } from "./fragment";
import { Expired, UseLink } from "./UseLink";
import { t } from "./words";

const SETTINGS = "/app/settings";

interface Props {
  text: string;
  label: string;
  spend: (token: string) => Promise<void>;
  done: string;
  doneText: string;
}

/** A mailed link about the address of an account; it works in any browser, signed in or not. */
export function AddressPage({ text, label, spend, done, doneText }: Props) {
  const token = useMailedToken();
  const [isDone, setDone] = useState(false);
  const user = currentUser.value;

  const press = async (raw: string) => {
    await spend(raw);
    setDone(true);
    if (user === null) return;
    // The settings show it at once; should this fail, they will when they are next loaded.
    await api.get("/api/auth/me").then(
      (me) => updateUser(me.user),
      () => undefined,
    );
  };

  return (
    <AuthCard title={t("verifyTitle")} aside={user === null && <a href="/app/login">{t("signIn")}</a>}>
      {isDone && (
        <Alert title={done} action={<Button href="/app">{t("goOn")}</Button>}>
          {doneText}
        </Alert>
      )}
      {!isDone && token === null && <Expired renewPath={SETTINGS} />}
      {!isDone && token !== null && (
        <UseLink text={text} label={label} renewPath={SETTINGS} spend={() => press(token)} />
      )}
    </AuthCard>
  );
}
