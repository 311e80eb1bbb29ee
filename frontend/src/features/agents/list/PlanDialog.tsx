import { ApiError } from "@/lib/api";
import { hasModule } from "@/lib/config";
import { Button, Dialog } from "@/ui";

import { t } from "./words";

/** Whether it is the plan that stands in the way. */
export function isAboutPlan(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code === "upgrade_required";
}

/** Says which plan has agents, and where to get it. */
export function PlanDialog({ error, onClose }: { error: ApiError; onClose: () => void }) {
  const { required_tier: tier } = error.context;
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("planTitle")}
      footer={
        hasModule("billing") && (
          <Button variant="primary" href="/app/billing">
            {t("seePlans")}
          </Button>
        )
      }
    >
      <p>{typeof tier === "string" ? t("planText", { tier: tierName(tier) }) : t("planTextPlain")}</p>
    </Dialog>
  );
}

/** `premium_starter` is called Premium Starter. */
function tierName(tier: string): string {
  return tier.replace(/(?:^|_)(\w)/g, (_, letter: string) => ` ${letter.toUpperCase()}`).trim();
}
