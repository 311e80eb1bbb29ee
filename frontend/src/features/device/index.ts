/** What this device does for the client: it is installed here, opens off-line and shows notices. */
import type { Feature } from "@/app/feature";
import { dictionary } from "@/lib/i18n";

const t = dictionary({
  en: { notices: "Notifications", share: "Share" },
  uk: { notices: "Сповіщення", share: "Поділитися" },
});

export const device: Feature = {
  name: "device",
  module: "accounts",
  settings: [{ id: "notices", label: () => t("notices"), order: 45, load: () => import("./NoticesSection") }],
  background: () => import("./background"),
  routes: [{ path: "/app/share", access: "user", title: () => t("share"), load: () => import("./SharePage") }],
};
