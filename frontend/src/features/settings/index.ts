import type { Feature } from "@/app/feature";
import { dictionary } from "@/lib/i18n";

const t = dictionary({
  en: { nav: "Settings" },
  uk: { nav: "Профіль" },
});

export const settings: Feature = {
  name: "settings",
  module: "accounts",
  nav: { href: "/app/settings", label: () => t("nav"), icon: "settings", order: 90 },
  routes: [
    {
      path: "/app/settings/:section?",
      access: "user",
      title: () => t("nav"),
      load: () => import("./SettingsPage"),
    },
  ],
};
