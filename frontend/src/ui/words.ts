import { dictionary } from "@/lib/i18n";

/** The few words the components say on their own. */
export const t = dictionary({
  en: { close: "Close", cancel: "Cancel", loading: "Loading", notifications: "Notifications" },
  uk: { close: "Закрити", cancel: "Скасувати", loading: "Завантаження", notifications: "Сповіщення" },
});
