import { ApiError } from "@/lib/api";
import { hasModule } from "@/lib/config";
import { errorText } from "@/lib/errorText";
import { Alert, Button } from "@/ui";

import { t } from "./words";

interface Props {
  title: string;
  error: unknown;
  onAgain?: (() => void) | undefined;
}

/** What went wrong, and the way on: a larger plan where that is what is missing, else once more. */
export function Trouble(props: Props) {
  return (
    <Alert tone="danger" title={props.title} action={<WayOn {...props} />}>
      {errorText(props.error)}
    </Alert>
  );
}

function WayOn({ error, onAgain }: Props) {
  const isPlan = error instanceof ApiError && (error.code === "token_limit_exceeded" || error.code === "upgrade_required");
  if (isPlan && hasModule("billing")) return <Button href="/app/billing">{t("seePlans")}</Button>;
  return onAgain === undefined ? null : <Button onClick={onAgain}>{t("tryAgain")}</Button>;
}
