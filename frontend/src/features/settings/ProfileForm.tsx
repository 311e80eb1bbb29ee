import { checkUsername, problems } from "@/lib/accountRules";
import { api, updateUser } from "@/lib/api";
import type { User } from "@/lib/api";
import { useForm } from "@/lib/form";
import { isLanguage } from "@/lib/i18n";
import { Button, Select, TextArea, TextField, toast } from "@/ui";

import { FormFailure } from "./FormFailure";
import styles from "./settings.module.css";
import { t } from "./words";

/** Languages are named in themselves, so that everybody finds their own. */
const LANGUAGE_OPTIONS = [
  { value: "uk", label: "Українська" },
  { value: "en", label: "English" },
];

export function ProfileForm({ user }: { user: User }) {
  const form = useForm({
    initial: { username: user.username ?? "", bio: user.bio, language: user.language },
    validate: ({ username }) => problems({ username: checkUsername(username), bio: undefined, language: undefined }),
    submit: async ({ language, ...values }) => {
      const body = isLanguage(language) ? { ...values, language } : values;
      const answer = await api.patch("/api/auth/me", { body });
      updateUser(answer.user);
      toast(t("saved"), { tone: "success" });
    },
  });
  return (
    <form class={styles.form} {...form.attributes}>
      <FormFailure error={form.failure} />
      <TextField label={t("username")} autoComplete="username" spellcheck={false} {...form.field("username")} />
      <TextArea label={t("bio")} hint={t("bioHint")} rows={3} {...form.field("bio")} />
      <Select label={t("language")} options={LANGUAGE_OPTIONS} {...form.field("language")} />
      <Button type="submit" variant="primary" loading={form.busy}>
        {t("save")}
      </Button>
    </form>
  );
}
