import { useState } from "preact/hooks";

import { checkUsername, problems } from "@/lib/accountRules";
import { api, currentUser, updateUser } from "@/lib/api";
import { copyText } from "@/lib/clipboard";
import { useForm } from "@/lib/form";
import { Alert, Button, EmptyState, IconButton, TextField, toast } from "@/ui";
import { errorText } from "@/lib/errorText";

import { openNewConversation } from "../overlays";
import { openSaved } from "../saved";
import styles from "./list.module.css";
import { t } from "./words";

/** The first thing a newcomer sees: what this is for, and three ways in. */
export function FirstDay() {
  const username = currentUser.value?.username ?? null;
  const invite = async () => {
    const site = window.location.origin;
    const text = username === null ? t("inviteText", { site }) : t("inviteTextNamed", { site, name: `@${username}` });
    toast(t((await copyText(text)) ? "inviteCopied" : "inviteFailed"));
  };
  const actions = (
    <span class={styles.ways}>
      <Button variant="primary" icon="search" onClick={() => openNewConversation("people")}>
        {t("findPeople")}
      </Button>
      <Button icon="link" onClick={() => void invite()}>
        {t("invite")}
      </Button>
      <Button icon="pin" onClick={openSaved}>
        {t("saved")}
      </Button>
    </span>
  );
  return (
    <EmptyState icon="messages" title={t("emptyTitle")} action={actions}>
      {t("emptyText")}
    </EmptyState>
  );
}

const ASKED = "kintsugi.asked-name.";

/** Somebody without a user name is asked for one, once in this browser: nobody could find or name them. */
export function NameQuestion() {
  const user = currentUser.value;
  const [wasAsked, setAsked] = useState(() => user === null || localStorage.getItem(ASKED + user.id) !== null);
  const form = useForm({
    initial: { username: "" },
    validate: ({ username }) => problems({ username: checkUsername(username) }),
    submit: async (body) => {
      updateUser((await api.patch("/api/auth/me", { body })).user);
      toast(t("nameKept"), { tone: "success" });
    },
  });
  if (user?.username !== null || wasAsked) return null;
  const later = () => {
    localStorage.setItem(ASKED + user.id, "1");
    setAsked(true);
  };
  return (
    <form class={styles.nameQuestion} aria-label={t("nameTitle")} {...form.attributes}>
      <div class={styles.nameHead}>
        <strong>{t("nameTitle")}</strong>
        <IconButton icon="close" label={t("nameLater")} onClick={later} />
      </div>
      {form.failure !== null && <Alert tone="danger" title={errorText(form.failure)} />}
      <TextField
        label={t("nameField")}
        hint={t("nameHint")}
        autoComplete="username"
        autoCapitalize="none"
        spellcheck={false}
        {...form.field("username")}
      />
      <Button type="submit" variant="primary" loading={form.busy}>
        {t("nameKeep")}
      </Button>
    </form>
  );
}
