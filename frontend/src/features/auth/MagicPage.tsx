import { acceptGrant, api, currentUser } from "@/lib/api";
import { navigate, query, safeReturnPath } from "@/lib/router";

import { AskForLink } from "./AskForLink";
import { AuthCard } from "./AuthForm";
import { useMailedToken } from "./fragment";
import { UseLink } from "./UseLink";
import { t } from "./words";

export default function MagicPage() {
  const token = useMailedToken();
  if (token === null) {
    return (
      <AskForLink
        title={t("magicTitle")}
        intro={t("magicIntro")}
        endpoint="/api/auth/magic-link"
        sent={(email) => t("sentMagic", { email })}
      />
    );
  }
  return <SignIn token={token} />;
}

function SignIn({ token }: { token: string }) {
  const user = currentUser.value;
  const enter = async (restore: boolean) => {
    acceptGrant(await api.post("/api/auth/verify-magic-link", { body: { token, restore } }));
    navigate(safeReturnPath(query.value.get("next"), "/app"), { replace: true });
  };
  const text = user === null ? t("magicReady") : t("magicWho", { name: user.username ?? user.email ?? "" });
  return (
    <AuthCard title={t("signIn")} aside={user === null && <a href="/app/login">{t("withPassword")}</a>}>
      <UseLink text={text} label={t("signIn")} renewPath="/app/magic" spend={enter} />
    </AuthCard>
  );
}
