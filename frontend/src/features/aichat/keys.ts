import type { KeyHelp } from "@/app/feature";
import { dictionary } from "@/lib/i18n";
import { MODIFIER } from "@/ui";

const t = dictionary({
  en: {
    title: "Chats",
    keyNew: "New chat",
    keySend: "Send",
    keyNewline: "New line",
    keyStop: "Stop the answer, close what is open",
    keyEdit: "Edit your last message (in an empty field)",
    keyFocus: "Go to the message field",
  },
  uk: {
    title: "Чати",
    keyNew: "Новий чат",
    keySend: "Надіслати",
    keyNewline: "Новий рядок",
    keyStop: "Зупинити відповідь, закрити відкрите",
    keyEdit: "Редагувати останнє повідомлення (у порожньому полі)",
    keyFocus: "Перейти до поля повідомлення",
  },
});

const help: KeyHelp = {
  title: () => t("title"),
  keys: () => [
    [`${MODIFIER} + Shift + O`, t("keyNew")],
    ["Enter", t("keySend")],
    ["Shift + Enter", t("keyNewline")],
    ["Esc", t("keyStop")],
    ["↑", t("keyEdit")],
    ["/", t("keyFocus")],
  ],
};

export default help;
