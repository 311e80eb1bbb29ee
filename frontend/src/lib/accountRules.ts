/** The server's own rules, told while one types; the server still decides. */
import { dictionary } from "@/lib/i18n";

const t = dictionary({
  en: {
    required: "Fill this in.",
    usernameLength: "3 to 50 characters.",
    usernameLetters: "Only Latin letters, digits, _ and -.",
    email: "This does not look like an e-mail address.",
    passwordLength: "At least 8 characters.",
    passwordMix: "At least one letter and one digit.",
  },
  uk: {
    required: "Заповніть це поле.",
    usernameLength: "Від 3 до 50 символів.",
    usernameLetters: "Лише латинські літери, цифри, _ та -.",
    email: "Це не схоже на адресу пошти.",
    passwordLength: "Щонайменше 8 символів.",
    passwordMix: "Щонайменше одна літера й одна цифра.",
  },
});

type Verdict = string | undefined;

export function checkRequired(value: string): Verdict {
  return value.trim() === "" ? t("required") : undefined;
}

export function checkUsername(value: string): Verdict {
  if (value === "") return t("required");
  if (!/^[A-Za-z0-9_-]*$/.test(value)) return t("usernameLetters");
  return value.length < 3 || value.length > 50 ? t("usernameLength") : undefined;
}

export function checkEmail(value: string): Verdict {
  if (value.trim() === "") return t("required");
  return /^\S+@\S+\.\S+$/.test(value.trim()) ? undefined : t("email");
}

export function checkPassword(value: string): Verdict {
  if (value === "") return t("required");
  // Code points, as the server counts them.
  if (Array.from(value).length < 8) return t("passwordLength");
  return /\p{L}/u.test(value) && /\d/.test(value) ? undefined : t("passwordMix");
}

/** Keep only the fields that have something to say. */
export function problems<Name extends string>(verdicts: Record<Name, Verdict>): Partial<Record<Name, string>> {
  return Object.fromEntries(Object.entries(verdicts).filter(([, verdict]) => verdict !== undefined)) as Partial<
    Record<Name, string>
  >;
}
