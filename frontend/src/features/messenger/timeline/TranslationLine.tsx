import { ApiError } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { dictionary, language } from "@/lib/i18n";
import { Button, IconButton } from "@/ui";

import type { ShownMessage } from "../model";
import type { MessageActions } from "./actions";
import styles from "./translation.module.css";

const t = dictionary({
  en: {
    working: "Translating…",
    from: "From {language}",
    translated: "Translation",
    demo: "Demo: nothing was really translated",
    hide: "Hide the translation",
    again: "Try again",
    same: "It is in your language already. For another one open “Translation”.",
  },
  uk: {
    working: "Перекладаємо…",
    from: "Мова оригіналу: {language}",
    translated: "Переклад",
    demo: "Демо: насправді нічого не перекладено",
    hide: "Сховати переклад",
    again: "Спробувати ще раз",
    same: "Це вже вашою мовою. Іншою мовою — у розділі «Переклад».",
  },
});

/** Below the words of a message, once somebody asked for it. */
export function TranslationLine({ message, actions }: { message: ShownMessage; actions: MessageActions }) {
  const state = actions.translations.of(message);
  if (state === null) return null;
  const { text, error } = state;
  return (
    <div class={styles.translation} role="status">
      {error !== null ? (
        <span class={styles.trouble}>{sentence(error)}</span>
      ) : text === null ? (
        <span class={styles.dim}>{t("working")}</span>
      ) : (
        <>
          <span class={styles.dim}>{head(state.from, state.isDemo)}</span>
          <span class={styles.text} dir="auto" lang={language.value}>
            {text}
          </span>
        </>
      )}
      {error !== null && !isSame(error) && <Button onClick={() => void actions.translations.show(message)}>{t("again")}</Button>}
      <span class={styles.hide}>
        <IconButton icon="close" label={t("hide")} onClick={() => actions.translations.hide(message)} />
      </span>
    </div>
  );
}

function head(from: string, isDemo: boolean): string {
  if (isDemo) return t("demo");
  const name = from === "" ? undefined : new Intl.DisplayNames([language.value], { type: "language" }).of(from);
  return name === undefined ? t("translated") : t("from", { language: name });
}

function isSame(error: unknown): boolean {
  return error instanceof ApiError && error.code === "same_language";
}

function sentence(error: unknown): string {
  return isSame(error) ? t("same") : errorText(error);
}
