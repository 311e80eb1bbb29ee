import { useMemo } from "preact/hooks";

import type { PageProps, SettingsSection } from "@/app/feature";
import { currentUser, isConfirmed } from "@/lib/api";
import type { User } from "@/lib/api";
import { online } from "@/lib/online";
import { EmptyState, lazily, Skeleton, Tabs } from "@/ui";

import { DataSection } from "./DataSection";
import { EmailSection } from "./EmailSection";
import { LookSection } from "./LookSection";
import { PasswordForm } from "./PasswordForm";
import { ProfileForm } from "./ProfileForm";
import { SessionList } from "./SessionList";
import styles from "./settings.module.css";
import { t } from "./words";

const HOME = "/app/settings";

/** The account's own sections; whatever else the address says is the profile. */
const OWN = [
  { id: "profile", order: 10 },
  { id: "email", order: 20 },
  { id: "sessions", order: 30 },
  { id: "password", order: 40 },
  { id: "look", order: 60 },
  { id: "data", order: 90 },
] as const;

export default function SettingsPage({ params, features }: PageProps) {
  const user = currentUser.value;
  const current = params.section ?? "profile";
  const brought = features.flatMap((feature) => feature.settings ?? []);
  const section = brought.find(({ id }) => id === current);
  const tabs = [...OWN.map(({ id, order }) => ({ id, order, label: () => t(id) })), ...brought]
    .sort((a, b) => a.order - b.order)
    .map(({ id, label }) => ({ id, label: label(), href: id === "profile" ? HOME : `${HOME}/${id}` }));
  if (user === null) return null;
  return (
    <div class={styles.page}>
      <h1>{t("title")}</h1>
      <Tabs label={t("title")} tabs={tabs} current={current} />
      {section === undefined ? (
        <OwnSection id={current} user={user} />
      ) : (
        <BroughtSection section={section} />
      )}
    </div>
  );
}

function OwnSection({ id, user }: { id: string; user: User }) {
  if (id === "look") return <LookSection />;
  // What this browser had kept may be old, and a form that began with it would begin anew, without what was typed.
  if (!isConfirmed.value) {
    return online.value ? <Skeleton lines={5} /> : <EmptyState icon="warning" title={t("needsNetwork")} />;
  }
  switch (id) {
    case "email":
      return <EmailSection user={user} />;
    case "sessions":
      return <SessionList />;
    case "password":
      return <PasswordForm user={user} />;
    case "data":
      return <DataSection user={user} />;
    default:
      return <ProfileForm user={user} />;
  }
}

function BroughtSection({ section }: { section: SettingsSection }) {
  const Section = useMemo(() => lazily(async () => (await section.load()).default), [section]);
  return <Section />;
}
