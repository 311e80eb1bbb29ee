import type { KeyHelp } from "@/app/feature";
import { MODIFIER } from "@/ui";

import { t } from "./words";

const help: KeyHelp = {
  title: () => t("keysTitle"),
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
