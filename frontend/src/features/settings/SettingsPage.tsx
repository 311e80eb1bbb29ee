import type { PageProps } from "@/app/feature";
import { currentUser } from "@/lib/api";
import { Tabs } from "@/ui";

import { PasswordForm } from "./PasswordForm";
import { ProfileForm } from "./ProfileForm";
import { SessionList } from "./SessionList";
import styles from "./settings.module.css";
import { t } from "./words";

const HOME = "/app/settings";

export default function SettingsPage({ params }: PageProps) {
  const user = currentUser.value;
  const current = params.section ?? "profile";
  const tabs = [
    { id: "profile", label: t("profile"), href: HOME },
    { id: "sessions", label: t("sessions"), href: `${HOME}/sessions` },
    { id: "password", label: t("password"), href: `${HOME}/password` },
  ];
  if (user === null) return null;
  return (
    <div class={styles.page}>
      <h1>{t("title")}</h1>
      <Tabs label={t("title")} tabs={tabs} current={current} />
      {current === "sessions" && <SessionList />}
      {current === "password" && <PasswordForm />}
      {current !== "sessions" && current !== "password" && <ProfileForm user={user} />}
    </div>
  );
}
