import type { PageProps } from "@/app/feature";
import { currentUser } from "@/lib/api";
import { config } from "@/lib/config";
import { Tabs } from "@/ui";

import { BlockedList } from "./BlockedList";
import { EmailSection } from "./EmailSection";
import { PasswordForm } from "./PasswordForm";
import { ProfileForm } from "./ProfileForm";
import { SessionList } from "./SessionList";
import styles from "./settings.module.css";
import { t } from "./words";

const HOME = "/app/settings";
/** The others are the profile. */
const SECTIONS = new Set(["email", "sessions", "password", "blocked"]);

export default function SettingsPage({ params }: PageProps) {
  const user = currentUser.value;
  const current = params.section ?? "profile";
  const hasMessenger = config.value?.modules.includes("messenger") === true;
  const tabs = [
    { id: "profile", label: t("profile"), href: HOME },
    { id: "email", label: t("email"), href: `${HOME}/email` },
    { id: "sessions", label: t("sessions"), href: `${HOME}/sessions` },
    { id: "password", label: t("password"), href: `${HOME}/password` },
    ...(hasMessenger ? [{ id: "blocked", label: t("blocked"), href: `${HOME}/blocked` }] : []),
  ];
  if (user === null) return null;
  return (
    <div class={styles.page}>
      <h1>{t("title")}</h1>
      <Tabs label={t("title")} tabs={tabs} current={current} />
      {current === "email" && <EmailSection user={user} />}
      {current === "sessions" && <SessionList />}
      {current === "password" && <PasswordForm user={user} />}
      {current === "blocked" && hasMessenger && <BlockedList />}
      {!SECTIONS.has(current) && <ProfileForm user={user} />}
    </div>
  );
}
