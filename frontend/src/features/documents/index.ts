import type { Feature } from "@/app/feature";
import { dictionary } from "@/lib/i18n";

import "./forget";

const t = dictionary({ en: { nav: "Documents" }, uk: { nav: "Документи" } });

export const documents: Feature = {
  name: "documents",
  module: "documents",
  nav: { href: "/app/documents", label: () => t("nav"), icon: "file", order: 55 },
  routes: [{ path: "/app/documents/:id?/:part?", access: "user", title: () => t("nav"), load: () => import("./DocumentsPage") }],
};
