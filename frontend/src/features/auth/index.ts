import type { Feature } from "@/app/feature";
import { dictionary } from "@/lib/i18n";

const t = dictionary({
  en: { login: "Sign in", register: "Create an account" },
  uk: { login: "Вхід", register: "Реєстрація" },
});

export const auth: Feature = {
  name: "auth",
  module: "accounts",
  routes: [
    {
      path: "/app/login",
      access: "guest",
      title: () => t("login"),
      layout: "fill",
      load: () => import("./LoginPage"),
    },
    {
      path: "/app/register",
      access: "guest",
      title: () => t("register"),
      layout: "fill",
      load: () => import("./RegisterPage"),
    },
  ],
};
