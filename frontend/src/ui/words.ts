import { dictionary } from "@/lib/i18n";

/** The few words the components say on their own. */
export const t = dictionary({
  en: {
    close: "Close",
    cancel: "Cancel",
    loading: "Loading",
    failed: "That did not work",
    tryAgain: "Try again",
    more: "Show more",
    notLoaded: "This part could not be loaded. Reload the page.",
    notifications: "Notifications",
  },
  uk: {
    close: "Закрити",
    cancel: "Скасувати",
    loading: "Завантаження",
    failed: "Не вийшло",
    tryAgain: "Спробувати ще раз",
    more: "Показати ще",
    notLoaded: "Цю частину не вдалося завантажити. Оновіть сторінку.",
    notifications: "Сповіщення",
  },
});
