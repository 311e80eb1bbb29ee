import type { ComponentChildren, ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { api, currentUser, signOut, updateUser } from "@/lib/api";
import type { User } from "@/lib/api";
import { shellOverlay } from "@/lib/bridge";
import { isLanguage, language, LANGUAGES, setLanguage } from "@/lib/i18n";
import { online } from "@/lib/online";
import { navigate } from "@/lib/router";
import { Button, classes, GlitchText, Icon, Menu, MODIFIER, toast } from "@/ui";

import type { Feature } from "./feature";
import { navEntries } from "./features";
import { Navigation } from "./Navigation";
import { Overlays } from "./palette/Overlays";
import styles from "./Shell.module.css";
import { t } from "./words";

interface ShellProps {
  features: readonly Feature[];
  layout: "page" | "fill";
  children: ComponentChildren;
}

/** The frame around every page: bars, navigation, and the one scrolling room in the middle. */
export function Shell({ features, layout, children }: ShellProps) {
  const user = currentUser.value;
  const entries = user === null ? [] : navEntries(features);
  return (
    <div class={classes(styles.shell, user !== null && styles.withNav)}>
      <a class="skip" href="#main">
        {t("skip")}
      </a>
      <Header user={user} features={features} />
      {entries.length > 0 && <Navigation entries={entries} />}
      <main id="main" tabIndex={-1} class={classes(styles.main, layout === "fill" && styles.fill)}>
        {/* One row: a page that fills the room has the next. */}
        <div>
          <OfflineBanner />
          {user !== null && <Banners features={features} />}
        </div>
        {children}
      </main>
      {user !== null && <Overlays features={features} />}
    </div>
  );
}

function Header({ user, features }: { user: User | null; features: readonly Feature[] }) {
  return (
    <header class={styles.header}>
      <a class={styles.logo} href={user === null ? "/" : "/app"}>
        <GlitchText text="KINTSUGI" calm />
      </a>
      <div class={styles.tools}>
        <LanguageSwitch user={user} />
        {user === null ? <Button href="/pricing" variant="ghost">{t("pricing")}</Button> : <AccountMenu user={user} features={features} />}
      </div>
    </header>
  );
}

function AccountMenu({ user, features }: { user: User; features: readonly Feature[] }) {
  const more = features.flatMap(({ account }) => account ?? []);
  return (
    <Menu
      label={`${t("account")}: ${user.display_name || (user.username ?? user.email ?? "")}`}
      icon="user"
      items={[
        { label: t("search"), icon: "search", hint: `${MODIFIER} + K`, onSelect: () => (shellOverlay.value = "palette") },
        { label: t("keys"), icon: "info", hint: "?", onSelect: () => (shellOverlay.value = "keys") },
        ...more.map(({ href, label, icon }) => ({ label: label(), icon, onSelect: () => navigate(href) })),
        { label: t("settings"), icon: "settings", onSelect: () => navigate("/app/settings") },
        { label: t("signOut"), icon: "logout", onSelect: () => void leave() },
      ]}
    />
  );
}

/** Without the server's word the cookie would sign this browser in again, so a failure must be seen. */
async function leave(): Promise<void> {
  try {
    await signOut("here");
  } catch {
    toast(t("signOutFailed"), { tone: "danger" });
  }
}

function LanguageSwitch({ user }: { user: User | null }) {
  const choose = async (value: string) => {
    if (!isLanguage(value)) return;
    setLanguage(value);
    if (user === null) return;
    try {
      updateUser((await api.patch("/api/auth/me", { body: { language: value } })).user);
    } catch {
      // This browser has switched, which is what was asked for; the profile can be changed in the settings.
    }
  };
  return (
    <label class={styles.language}>
      <span class="visually-hidden">{t("language")}</span>
      <select value={language.value} onChange={(event) => choose(event.currentTarget.value)}>
        {LANGUAGES.map((code) => (
          <option key={code} value={code}>
            {code.toUpperCase()}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Of the features that have one; fetched after the page, which must not wait for them. */
function Banners({ features }: { features: readonly Feature[] }) {
  const [loaded, setLoaded] = useState<readonly ComponentType[]>([]);
  const wanted = features.flatMap(({ banner }) => banner ?? []);
  const latest = useRef(wanted);
  latest.current = wanted;

  useEffect(() => {
    // One that cannot be loaded is missed, no more: the page it speaks of says the same.
    void Promise.allSettled(latest.current.map((load) => load())).then((results) =>
      setLoaded(results.flatMap((result) => (result.status === "fulfilled" ? result.value.default : []))),
    );
  }, [wanted.length]);

  return (
    <>
      {loaded.map((Banner, index) => (
        <Banner key={index} />
      ))}
    </>
  );
}

function OfflineBanner() {
  return (
    <div role="status">
      {!online.value && (
        <p class={styles.offline}>
          <Icon name="warning" />
          {t("offline")}
        </p>
      )}
    </div>
  );
}
