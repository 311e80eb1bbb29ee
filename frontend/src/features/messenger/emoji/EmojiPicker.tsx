import type { Ref } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { language } from "@/lib/i18n";
import { useWhenReady } from "@/lib/whenReady";
import { Button, canHover, isEnter, Select, Skeleton, TextField } from "@/ui";

import { findEmoji, GROUPS, loadEmoji, toned, TONES } from "./catalogue";
import type { Emoji } from "./catalogue";
import styles from "./emoji.module.css";
import { chooseTone, habits, usedEmoji } from "./habits";
import { t } from "./words";

const COLUMNS = 8;
const STEPS: Partial<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS };
type ToneWord = `tone${0 | 1 | 2 | 3 | 4 | 5}`;

/** Any emoji: the ones used last, all by groups, or those a word finds. Arrows walk along them, Enter takes the first. */
export default function EmojiPicker({ onChoose }: { onChoose: (emoji: string) => void }) {
  const [all, retry] = useEmoji();
  const [query, setQuery] = useState("");
  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const { tone } = habits.value;

  // It comes after what it stands in was opened. On a touch screen the keyboard would cover what one came to see.
  useEffect(() => {
    if (canHover()) field.current?.focus();
  }, []);
  const choose = (emoji: string) => {
    usedEmoji(emoji);
    onChoose(emoji);
  };
  const found = Array.isArray(all) && query.trim() !== "" ? findEmoji(all, query) : null;
  const enter = useWhenReady(all !== null, () => found?.[0] && choose(toned(found[0], tone)));
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    const buttons = [...(box.current?.querySelectorAll<HTMLElement>("[data-emoji]") ?? [])];
    const at = buttons.findIndex((one) => one === document.activeElement);
    const isInSelect = event.target instanceof HTMLSelectElement;
    if (step === undefined || isInSelect || (at < 0 && event.key !== "ArrowDown")) return;
    event.preventDefault();
    const next = at < 0 ? 0 : Math.min(buttons.length - 1, at + step);
    if (next < 0) box.current?.querySelector("input")?.focus();
    else buttons[next]?.focus();
  };
  if (all === "failed") {
    return (
      <div class={styles.failed} role="alert">
        <p>{t("failed")}</p>
        <Button onClick={retry}>{t("again")}</Button>
      </div>
    );
  }
  const look = (words: string) => {
    enter.forget();
    setQuery(words);
  };
  return (
    <div ref={box} class={styles.picker} onKeyDown={onKeyDown}>
      <Head field={field} query={query} onQuery={look} onEnter={enter.press} />
      <div class={styles.all}>{all === null ? <Skeleton lines={6} /> : <Shown all={all} found={found} onChoose={choose} />}</div>
    </div>
  );
}

interface HeadProps {
  field: Ref<HTMLInputElement>;
  query: string;
  onQuery: (query: string) => void;
  onEnter: () => void;
}

function Head({ field, query, onQuery, onEnter }: HeadProps) {
  return (
    <div class={styles.head}>
      <TextField
        type="search"
        label={t("search")}
        hideLabel
        placeholder={t("search")}
        value={query}
        onValue={onQuery}
        autoComplete="off"
        inputRef={field}
        onKeyDown={(event) => {
          if (!isEnter(event)) return;
          event.preventDefault();
          onEnter();
        }}
      />
      <Select
        label={t("tone")}
        hideLabel
        value={habits.value.tone}
        onValue={chooseTone}
        options={TONES.map((value, index) => ({ value, label: `${toned(HAND, value)} ${t(`tone${index}` as ToneWord)}` }))}
      />
    </div>
  );
}

interface ShownProps {
  all: readonly Emoji[];
  /** Null: nothing is looked for. */
  found: readonly Emoji[] | null;
  onChoose: (emoji: string) => void;
}

function Shown({ all, found, onChoose }: ShownProps) {
  const { recent, tone } = habits.value;
  if (found?.length === 0) {
    return (
      <p class={styles.nothing} role="status">
        {t("nothing")}
      </p>
    );
  }
  if (found !== null) return <Group label={t("found")} emoji={found} tone={tone} onChoose={onChoose} />;
  return (
    <>
      {recent.length > 0 && (
        <Group label={t("recent")} emoji={recent.map((char) => known(all, char))} tone="" onChoose={onChoose} />
      )}
      {GROUPS.map((group) => (
        <Group
          key={group}
          label={t(`group${group}`)}
          emoji={all.filter((one) => one.group === group)}
          tone={tone}
          onChoose={onChoose}
        />
      ))}
    </>
  );
}

const HAND = { char: "✋", takesTone: true };

interface GroupProps {
  label: string;
  emoji: readonly Pick<Emoji, "char" | "name" | "takesTone">[];
  tone: string;
  onChoose: (emoji: string) => void;
}

function Group({ label, emoji, tone, onChoose }: GroupProps) {
  return (
    <section class={styles.group} aria-label={label}>
      <h3>{label}</h3>
      <div class={styles.grid}>
        {emoji.map((one) => {
          const shown = toned(one, tone);
          return (
            <button key={one.char} type="button" data-emoji title={one.name} aria-label={one.name} onClick={() => onChoose(shown)}>
              {shown}
            </button>
          );
        })}
      </div>
    </section>
  );
}

/** One that was used in this browser, under its name when it has one here. */
function known(all: readonly Emoji[], char: string): Pick<Emoji, "char" | "name" | "takesTone"> {
  const bare = char.replace(/[🏻-🏿]/gu, "");
  return { char, name: all.find((one) => one.char === char || one.char === bare)?.name ?? char, takesTone: false };
}

function useEmoji(): [readonly Emoji[] | "failed" | null, () => void] {
  const [all, setAll] = useState<readonly Emoji[] | "failed" | null>(null);
  const [attempt, setAttempt] = useState(0);
  const tongue = language.value;
  useEffect(() => {
    let isWanted = true;
    const show = (found: readonly Emoji[] | "failed") => {
      if (isWanted) setAll(found);
    };
    setAll(null);
    loadEmoji().then(show, () => show("failed"));
    return () => {
      isWanted = false;
    };
  }, [tongue, attempt]);
  return [all, () => setAttempt((count) => count + 1)];
}
