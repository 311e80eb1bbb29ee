import { dictionary } from "@/lib/i18n";

export const t = dictionary({
  en: { newMessage: "New message" },
  uk: { newMessage: "Нове повідомлення" },
});
