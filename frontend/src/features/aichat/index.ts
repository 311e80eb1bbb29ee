import type { Feature } from "@/app/feature";
import { dictionary } from "@/lib/i18n";

import "./deleteOnSignOut";

const t = dictionary({
  en: { nav: "Chat", title: "Chats" },
  uk: { nav: "Чат", title: "Чати" },
});

export const aichat: Feature = {
  name: "aichat",
  module: "aichat",
  nav: { href: "/app/chat", label: () => t("nav"), icon: "chat", order: 10 },
  palette: () => import("./palette"),
  keys: () => import("./keys"),
  routes: [
    {
      path: "/app/chat/:id?",
      access: "user",
      title: () => t("title"),
      layout: "fill",
      load: () => import("./ChatPage"),
    },
  ],
};
