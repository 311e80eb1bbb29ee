import { ApiError } from "@/lib/api";
import { hasModule } from "@/lib/config";
import { errorText } from "@/lib/errorText";
import { Alert, Button } from "@/ui";

import { t } from "./words";

interface Props {
  title: string;
  error: unknown;
  onAgain?: () => void;
}

/** What went wrong, and the way on: a larger plan where that is what is missing, else once more. */
export function Trouble({ title, error, onAgain }: Props) {
  const isPlan = error instanceof ApiError && (error.code === "token_limit_exceeded" || error.code === "upgrade_required");
  const action =
    isPlan && hasModule("billing") ? (
      <Button href="/app/billing">{t("seePlans")}</Button>
    ) : (
      onAgain !== undefined && <Button onClick={onAgain}>{t("tryAgain")}</Button>
    );
  return (
    <Alert tone="danger" title={title} action={action}>
      {errorText(error)}
    </Alert>
  );
}
