import { api } from "@/lib/api";

import { AddressPage } from "./AddressPage";
import { t } from "./words";

export default function VerifyPage() {
  return (
    <AddressPage
      text={t("verifyReady")}
      label={t("verify")}
      spend={(token) => api.post("/api/auth/email/verify", { body: { token } })}
      done={t("verified")}
      doneText={t("verifiedText")}
    />
  );
}
