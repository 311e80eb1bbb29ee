import type { Feature } from "@/app/feature";

/** The design system on one page, for those who build with it: English only, at its address only, and never in production. */
export const design: Feature = {
  name: "design",
  module: "core",
  routes: [{ path: "/app/design", access: "anyone", title: () => "Design", load: () => import("./DesignPage") }],
};
