import { batch } from "@preact/signals";

import { IconButton, Select } from "@/ui";
import type { Option } from "@/ui";

import { sources, swapped, targetsFor, withSource, withTarget } from "../model/choice";
import type { Pair } from "../model/choice";
import { byName, DETECT, languageName, likedTargets, recent } from "../model/languages";
import type { TextTranslation } from "../model/text";
import type { Language, Languages } from "../shapes";
import { t as common } from "../words";
import styles from "./text.module.css";
import { t } from "./words";

const SWAP = { path: "M4 8h15M15 4l4 4-4 4M20 16H5M9 12l-4 4 4 4" };

/** Which language into which. */
export function LanguageBar({ text, offered }: { text: TextTranslation; offered: Languages }) {
  const source = text.sourceLang.value;
  const target = text.targetLang.value;
  const detected = text.answer.value?.detected_lang ?? "";
  const pair = { source, target };
  const round = swapped(pair, detected, offered);
  const choose = (next: Pair) =>
    batch(() => {
      text.sourceLang.value = next.source;
      text.targetLang.value = next.target;
    });
  return (
    <div class={styles.languages}>
      <Select
        label={t("from")}
        value={source}
        options={[{ value: DETECT, label: detectLabel(source, detected, text.answer.value?.detected_sure ?? true) }, ...options(sources(offered))]}
        onValue={(code) => choose(withSource(pair, code, offered, likedTargets()))}
      />
      <span class={styles.swap}>
        <IconButton
          icon={SWAP}
          variant="framed"
          label={t(round === null ? "cannotSwap" : "swap")}
          disabled={round === null || text.state.value === "working"}
          onClick={() => round !== null && text.swap(round.source, round.target)}
        />
      </span>
      <Select label={t("to")} value={target} options={options(targetsFor(offered, source))} onValue={(code) => choose(withTarget(pair, code, offered))} />
    </div>
  );
}

function detectLabel(source: string, detected: string, isSure: boolean): string {
  if (source !== DETECT || detected === "") return common("detect");
  return t(isSure ? "detected" : "maybe", { language: languageName(detected) });
}

/** Those that were used last stand first, a line below them, all others by name. */
export function options(languages: readonly Language[]): Option[] {
  const named = byName(languages).map(({ code, name }) => ({ value: code, label: name }));
  const last = recent.value.flatMap((code) => named.find(({ value }) => value === code) ?? []);
  if (last.length === 0) return named;
  return [...last, { value: "-", label: "────", disabled: true }, ...named.filter((one) => !last.includes(one))];
}
