import { checkDisplayName, checkUsername, problems } from "@/lib/accountRules";
import { api, updateUser } from "@/lib/api";
import type { Schemas, User } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { useForm } from "@/lib/form";
import { isLanguage } from "@/lib/i18n";
import { uploadAvatar } from "@/lib/upload";
import { Button, Select, TextArea, TextField, toast } from "@/ui";
import { AvatarPicker } from "@/ui/avatar";

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
    initial: {
      display_name: user.display_name,
      username: user.username ?? "",
      bio: user.bio,
      language: user.language,
    },
    validate: ({ display_name, username }) =>
      problems({
        display_name: checkDisplayName(display_name),
        username: checkUsername(username),
        bio: undefined,
        language: undefined,
      }),
    submit: ({ language, ...values }) => save(isLanguage(language) ? { ...values, language } : values),
  });
  return (
    <form class={styles.form} {...form.attributes}>
      <FormFailure error={form.failure} />
      <Picture user={user} />
      <TextField
        label={t("displayName")}
        hint={t("displayNameHint")}
        autoComplete="name"
        spellcheck={false}
        {...form.field("display_name")}
      />
      <TextField
        label={t("username")}
        hint={t("usernameHint")}
        autoComplete="username"
        spellcheck={false}
        {...form.field("username")}
      />
      <TextArea label={t("bio")} hint={t("bioHint")} rows={3} {...form.field("bio")} />
      <Select label={t("language")} options={LANGUAGE_OPTIONS} {...form.field("language")} />
      <Button type="submit" variant="primary" loading={form.busy}>
        {t("save")}
      </Button>
    </form>
  );
}

/** Kept as soon as it is chosen: there is nothing more to decide. */
function Picture({ user }: { user: User }) {
  const keep = (avatarId: string | null) =>
    save({ avatar_id: avatarId }).catch((error: unknown) => toast(errorText(error), { tone: "danger" }));
  return (
    <fieldset class={styles.picture}>
      <legend>{t("picture")}</legend>
      <AvatarPicker
        name={user.display_name || (user.username ?? "")}
        avatarUrl={user.avatar_url}
        upload={uploadAvatar}
        explain={errorText}
        onPicked={(id) => void keep(id)}
      />
    </fieldset>
  );
}

async function save(body: Schemas["PatchedProfileRequest"]): Promise<void> {
  updateUser((await api.patch("/api/auth/me", { body })).user);
  toast(t("saved"), { tone: "success" });
}
