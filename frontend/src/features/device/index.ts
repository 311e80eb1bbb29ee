/** What this device does for the client: it is installed here, opens off-line and shows notices. */
import type { Feature } from "@/app/feature";

export const device: Feature = {
  name: "device",
  module: "accounts",
  background: () => import("./background"),
  routes: [],
};
