import { AskForLink } from "./AskForLink";
import { t } from "./words";

export default function ForgotPage() {
  return (
    <AskForLink
      title={t("forgotTitle")}
      intro={t("forgotIntro")}
      endpoint="/api/auth/password/reset-request"
      sent={(email) => t("sentReset", { email })}
    />
  );
}
