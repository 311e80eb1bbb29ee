import type { Feature } from "@/app/feature";
import { dictionary } from "@/lib/i18n";

const t = dictionary({
  en: {
    login: "Sign in",
    register: "Create an account",
    magic: "Sign in by link",
    password: "New password",
    address: "Your address",
  },
  uk: {
    login: "Вхід",
    register: "Реєстрація",
    magic: "Вхід за посиланням",
    password: "Новий пароль",
    address: "Ваша адреса",
  },
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
    {
      path: "/app/magic",
      access: "anyone",
      title: () => t("magic"),
      layout: "fill",
      load: () => import("./MagicPage"),
    },
    {
      path: "/app/forgot",
      access: "anyone",
      title: () => t("password"),
      layout: "fill",
      load: () => import("./ForgotPage"),
    },
    {
      path: "/app/reset",
      access: "anyone",
      title: () => t("password"),
      layout: "fill",
      load: () => import("./ResetPage"),
    },
    {
      path: "/app/verify",
      access: "anyone",
      title: () => t("address"),
      layout: "fill",
      load: () => import("./VerifyPage"),
    },
    {
      path: "/app/email",
      access: "anyone",
      title: () => t("address"),
      layout: "fill",
      load: () => import("./EmailPage"),
    },
  ],
};
