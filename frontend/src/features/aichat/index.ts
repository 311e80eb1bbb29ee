import type { Feature } from "@/app/feature";
import { dictionary } from "@/lib/i18n";

import "./deleteOnSignOut";

const t = dictionary({
  en: { nav: "Chat", title: "Chats", shared: "Shared chat" },
  uk: { nav: "Чат", title: "Чати", shared: "Спільний чат" },
});

export const aichat: Feature = {
  name: "aichat",
  module: "aichat",
  nav: { href: "/app/chat", label: () => t("nav"), icon: "chat", order: 10 },
  palette: () => import("./palette"),
  keys: () => import("./keys"),
  settings: [{ id: "chats", label: () => t("title"), order: 70, load: () => import("./settings/ChatSettings") }],
  routes: [
    {
      path: "/app/chat/:id?",
      access: "user",
      title: () => t("title"),
      layout: "fill",
      load: () => import("./ChatPage"),
    },
    {
      path: "/app/shared/:token",
      access: "anyone",
      title: () => t("shared"),
      load: () => import("./sharing/SharedPage"),
    },
  ],
};
