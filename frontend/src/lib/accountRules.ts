/** The server's own rules, told while one types; the server still decides. */
import { limit } from "@/lib/config";
import { dictionary } from "@/lib/i18n";

const t = dictionary({
  en: {
    required: "Fill this in.",
    usernameLength: "{least} to {most} characters.",
    usernameLetters: "Only Latin letters, digits, _ and -.",
    displayNameLength: "At most {most} letters.",
    email: "This does not look like an e-mail address.",
    passwordLength: "At least {least} characters.",
  },
  uk: {
    required: "Заповніть це поле.",
    usernameLength: "Від {least} до {most} символів.",
    usernameLetters: "Лише латинські літери, цифри, _ та -.",
    displayNameLength: "Не більше {most} літер.",
    email: "Це не схоже на адресу пошти.",
    passwordLength: "Щонайменше {least} символів.",
  },
});

type Verdict = string | undefined;

export function checkRequired(value: string): Verdict {
  return value.trim() === "" ? t("required") : undefined;
}

export function usernameChars(): { least: number; most: number } {
  return { least: limit("min_username_chars"), most: limit("max_username_chars") };
}

export function checkUsername(value: string): Verdict {
  if (value === "") return t("required");
  if (!/^[A-Za-z0-9_-]*$/.test(value)) return t("usernameLetters");
  const { least, most } = usernameChars();
  return value.length < least || value.length > most ? t("usernameLength", { least, most }) : undefined;
}

/** Letters as a reader counts them: an emoji is one. Empty is good, then the user name is shown. */
export function checkDisplayName(value: string): Verdict {
  const most = limit("max_display_name_letters");
  return [...new Intl.Segmenter().segment(value.trim())].length > most ? t("displayNameLength", { most }) : undefined;
}

export function checkEmail(value: string): Verdict {
  if (value.trim() === "") return t("required");
  return /^\S+@\S+\.\S+$/.test(value.trim()) ? undefined : t("email");
}

export function checkPassword(value: string): Verdict {
  if (value === "") return t("required");
  // Code points, as the server counts them.
  const least = limit("min_password_chars");
  return Array.from(value).length < least ? t("passwordLength", { least }) : undefined;
}

/** Keep only the fields that have something to say. */
export function problems<Name extends string>(verdicts: Record<Name, Verdict>): Partial<Record<Name, string>> {
  return Object.fromEntries(Object.entries(verdicts).filter(([, verdict]) => verdict !== undefined)) as Partial<
    Record<Name, string>
  >;
}
