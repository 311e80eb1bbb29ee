import { useSignal } from "@preact/signals";

import { toast } from "@/ui";

import { agentErrorText } from "../words/problems";

/** One thing at a time; what goes wrong is said. */
export function useAttempt(): { isBusy: boolean; attempt: (work: () => Promise<unknown>) => Promise<boolean> } {
  const busy = useSignal(false);
  const attempt = async (work: () => Promise<unknown>) => {
    busy.value = true;
    try {
      await work();
      return true;
    } catch (error) {
      toast(agentErrorText(error), { tone: "danger" });
      return false;
    } finally {
      busy.value = false;
    }
  };
  return { isBusy: busy.value, attempt };
}
