/** Going to somebody, and to what one keeps for oneself; made when it is first wanted. */
import { currentUser } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { toast } from "@/ui";

import { messenger } from "./model";
import { openConversation } from "./overlays";
import { t } from "./paletteWords";

export function openSaved(): void {
  const me = currentUser.peek()?.id;
  if (me !== undefined) void writeTo(me);
}

export async function writeTo(userId: string): Promise<void> {
  try {
    openConversation(await messenger().createDirect(userId));
  } catch (error) {
    toast(`${t("failed")}. ${errorText(error)}`, { tone: "danger" });
  }
}
