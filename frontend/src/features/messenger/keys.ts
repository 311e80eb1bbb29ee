import type { KeyHelp } from "@/app/feature";

import { t } from "./paletteWords";

const help: KeyHelp = {
  title: () => t("title"),
  keys: () => [
    ["Enter", t("keySend")],
    ["Shift + Enter", t("keyNewline")],
    ["@", t("keyMention")],
    [":name:", t("keyEmoji")],
    ["↑", t("keyEdit")],
    ["↑ ↓", t("keyRows")],
    ["Esc", t("keyCancel")],
  ],
};

export default help;
