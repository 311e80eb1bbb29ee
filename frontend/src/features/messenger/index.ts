import type { Feature } from "@/app/feature";
import { dictionary } from "@/lib/i18n";

import "./deleteOnSignOut";
import { unread } from "./unread";

const t = dictionary({
  en: {
    nav: "Messages",
    title: "Messages",
    invitation: "Invitation",
    blocked: "Blocked",
    unread: { one: "{count} unread message", other: "{count} unread messages" },
  },
  uk: {
    nav: "Листування",
    title: "Листування",
    invitation: "Запрошення",
    blocked: "Заблоковані",
    unread: {
      one: "{count} непрочитане повідомлення",
      few: "{count} непрочитані повідомлення",
      many: "{count} непрочитаних повідомлень",
      other: "{count} непрочитаного повідомлення",
    },
  },
});

export const messenger: Feature = {
  name: "messenger",
  module: "messenger",
  nav: {
    href: "/app/messages",
    label: () => t("nav"),
    icon: "messages",
    order: 20,
    badge: () => (unread.value === 0 ? null : { count: unread.value, label: t("unread", { count: unread.value }) }),
  },
  settings: [{ id: "blocked", label: () => t("blocked"), order: 50, load: () => import("./people/BlockedPeople") }],
  background: () => import("./background"),
  palette: () => import("./palette"),
  keys: () => import("./keys"),
  sendTo: () => import("./dialogs/SendTextDialog"),
  routes: [
    {
      path: "/app/messages/:id?",
      access: "user",
      title: () => t("title"),
      layout: "fill",
      load: () => import("./MessagesPage"),
    },
    {
      path: "/app/join/:token",
      access: "anyone",
      title: () => t("invitation"),
      load: () => import("./dialogs/InvitePage"),
    },
  ],
};
