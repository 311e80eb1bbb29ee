import type { Feature } from "@/app/feature";
import { dictionary } from "@/lib/i18n";

const t = dictionary({
  en: { nav: "Usage", title: "Usage", billing: "Plan and payments", payment: "Payment", orders: "Orders" },
  uk: { nav: "Витрати", title: "Використання", billing: "План і платежі", payment: "Оплата", orders: "Замовлення" },
});

export const billing: Feature = {
  name: "billing",
  module: "billing",
  nav: { href: "/app/usage", label: () => t("nav"), icon: "chart", order: 80, also: ["/app/billing"] },
  account: { href: "/app/billing", label: () => t("billing"), icon: "star" },
  banner: () => import("./OverdueBanner"),
  routes: [
    { path: "/app/usage", access: "user", title: () => t("title"), load: () => import("./UsagePage") },
    { path: "/app/billing", access: "user", title: () => t("billing"), load: () => import("./BillingPage") },
    { path: "/app/billing/orders", access: "user", title: () => t("orders"), load: () => import("./OrdersPage") },
    { path: "/app/billing/return", access: "user", title: () => t("payment"), load: () => import("./ReturnPage") },
  ],
};
