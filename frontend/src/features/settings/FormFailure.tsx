import { errorText } from "@/lib/errorText";
import { Alert } from "@/ui";

import { t } from "./words";

export function FormFailure({ error }: { error: unknown }) {
  if (error === null) return null;
  return (
    <Alert tone="danger" title={t("failed")}>
      {errorText(error)}
    </Alert>
  );
}
