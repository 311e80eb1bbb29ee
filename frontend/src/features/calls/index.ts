import type { Feature } from "@/app/feature";
import { dictionary } from "@/lib/i18n";

import { missed } from "./missed";

const t = dictionary({
  en: { nav: "Calls", missed: { one: "{count} missed call", other: "{count} missed calls" } },
  uk: {
    nav: "Дзвінки",
    missed: {
      one: "{count} пропущений дзвінок",
      few: "{count} пропущені дзвінки",
      many: "{count} пропущених дзвінків",
      other: "{count} пропущеного дзвінка",
    },
  },
});

export const calls: Feature = {
  name: "calls",
  module: "calls",
  nav: {
    href: "/app/calls",
    label: () => t("nav"),
    icon: "phone",
    order: 30,
    badge: () => (missed.value === 0 ? null : { count: missed.value, label: t("missed", { count: missed.value }) }),
  },
  settings: [{ id: "calls", label: () => t("nav"), order: 47, load: () => import("./CallSettings") }],
  background: () => import("./background"),
  banner: () => import("./CallLayer"),
  conversation: { isIn: (place) => place.isAmongPeople, load: () => import("./conversation") },
  routes: [{ path: "/app/calls", access: "user", title: () => t("nav"), load: () => import("./CallsPage") }],
};
