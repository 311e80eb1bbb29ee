import type { Feature } from "@/app/feature";
import { dictionary } from "@/lib/i18n";

const t = dictionary({
  en: { nav: "Usage", title: "Usage" },
  uk: { nav: "Витрати", title: "Використання" },
});

export const billing: Feature = {
  name: "billing",
  module: "billing",
  nav: { href: "/app/usage", label: () => t("nav"), icon: "chart", order: 80 },
  routes: [{ path: "/app/usage", access: "user", title: () => t("title"), load: () => import("./UsagePage") }],
};
