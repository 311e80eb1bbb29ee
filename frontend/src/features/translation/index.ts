import type { Feature } from "@/app/feature";
import { dictionary } from "@/lib/i18n";

import "./forget";

const t = dictionary({ en: { nav: "Translate" }, uk: { nav: "Переклад" } });

export const translation: Feature = {
  name: "translation",
  module: "translation",
  nav: { href: "/app/translate", label: () => t("nav"), icon: "globe", order: 50 },
  routes: [{ path: "/app/translate/:part?/:id?", access: "user", title: () => t("nav"), load: () => import("./TranslatePage") }],
};
