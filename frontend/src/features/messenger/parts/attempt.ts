import { errorText } from "@/lib/errorText";
import { toast } from "@/ui";

/** Whether it worked; what went wrong is shown. */
export async function attempt(action: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await action();
    if (done !== undefined) toast(done, { tone: "success" });
    return true;
  } catch (error) {
    toast(errorText(error), { tone: "danger" });
    return false;
  }
}
