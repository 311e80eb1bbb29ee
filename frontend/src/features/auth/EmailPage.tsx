import { api } from "@/lib/api";

import { AddressPage } from "./AddressPage";
import { t } from "./words";

export default function EmailPage() {
  return (
    <AddressPage
      text={t("emailReady")}
      label={t("useEmail")}
      spend={(token) => api.post("/api/auth/email/confirm", { body: { token } })}
      done={t("emailChanged")}
      doneText={t("verifiedText")}
    />
  );
}
