import type { Feature } from "@/app/feature";
import { dictionary } from "@/lib/i18n";

const t = dictionary({
  en: { nav: "Agents", run: "What an agent did", runs: "Runs" },
  uk: { nav: "Агенти", run: "Що робив агент", runs: "Запуски" },
});

export const agents: Feature = {
  name: "agents",
  module: "agents",
  background: () => import("./background"),
  conversation: { isIn: (place) => place.hasAgents, load: () => import("./conversation") },
  nav: { href: "/app/agents", label: () => t("nav"), icon: "bolt", order: 40 },
  routes: [
    { path: "/app/agents", access: "user", title: () => t("nav"), load: () => import("./list/AgentsPage") },
    { path: "/app/agents/templates/:tid", access: "user", title: () => t("nav"), layout: "fill", load: () => import("./trial/TrialPage") },
    { path: "/app/agents/runs/:rid", access: "user", title: () => t("run"), load: () => import("./trace/TracePage") },
    { path: "/app/agents/:id/runs", access: "user", title: () => t("runs"), load: () => import("./trace/RunsPage") },
    {
      path: "/app/agents/:id",
      access: "user",
      title: () => t("nav"),
      layout: "fill",
      load: () => import("./builder/BuilderPage"),
    },
  ],
};
