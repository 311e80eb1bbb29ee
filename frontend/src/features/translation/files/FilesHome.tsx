import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { usePaged } from "@/lib/paged";
import type { Paged } from "@/lib/paged";
import { useResource } from "@/lib/resource";
import { After, Button, classes, EmptyState, Icon, List, Loaded, ProgressBar, Select, Switch, useFileDrop } from "@/ui";

import { GlossaryField } from "../GlossaryField";
import { TranslationRow } from "../history/TranslationRow";
import { listLanguages, listTranslations } from "../model/api";
import { chosenPair, sources, targetsFor, withSource, withTarget } from "../model/choice";
import { useTold } from "../model/document";
import { DETECT, likedTargets } from "../model/languages";
import { refused, send, sending, stopSending } from "../model/sending";
import type { Wanted } from "../model/sending";
import page from "../page.module.css";
import type { Languages, Translation } from "../shapes";
import { options } from "../text/LanguageBar";
import { Trouble } from "../Trouble";
import { t as common } from "../words";
import styles from "./files.module.css";
import { HowField } from "./HowField";
import { t } from "./words";

const listDocuments = (signal: AbortSignal) => listTranslations({ kind: "document" }, signal);
const listAll = (signal: AbortSignal) => listLanguages("", signal);

const NOTHING_SAID: Wanted = { source: DETECT, target: "", glossary: "", isBoth: false, formality: "", model: "", instructions: "" };

/** Where a file is dropped, and those that were. */
export function FilesHome() {
  const languages = useResource(listAll);
  const made = usePaged(listDocuments);
  useTold(made.reload);
  return (
    <>
      <section class={page.section} aria-label={t("drop")}>
        <p>{t("lead")}</p>
        <Loaded from={languages} lines={5}>
          {(offered) => <NewFile offered={offered} />}
        </Loaded>
      </section>
      <After from={languages}>
        <Made made={made} />
      </After>
    </>
  );
}

function NewFile({ offered }: { offered: Languages }) {
  const wanted = useSignal<Wanted>(NOTHING_SAID);
  const set = (part: Partial<Wanted>) => (wanted.value = { ...wanted.peek(), ...part });
  const { source, target, glossary, isBoth } = wanted.value;
  useEffect(() => {
    wanted.value = { ...wanted.peek(), ...chosenPair(wanted.peek(), offered, likedTargets()) };
  }, [offered, wanted]);
  const take = (files: FileList) => {
    if (files[0] !== undefined) void send(files[0], wanted.peek());
  };
  return (
    <>
      <div class={styles.pair}>
        <Select
          label={t("from")}
          value={source}
          options={[{ value: DETECT, label: common("detect") }, ...options(sources(offered))]}
          onValue={(code) => set(withSource({ source, target }, code, offered, likedTargets()))}
        />
        <Select label={t("to")} value={target} options={options(targetsFor(offered, source))} onValue={(code) => set(withTarget({ source, target }, code, offered))} />
        <GlossaryField source={source} target={target} value={glossary} onValue={(id) => set({ glossary: id })} />
      </div>
      <Switch label={t("both")} checked={isBoth} onChecked={(checked) => set({ isBoth: checked })} />
      <HowField wanted={wanted.value} onChange={set} />
      {sending.value === null ? <Drop onFiles={take} /> : <OnItsWay />}
      {refused.value !== null && <Trouble title={t("notSent")} error={refused.value} />}
    </>
  );
}

function Drop({ onFiles }: { onFiles: (files: FileList) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const { isOver, handlers } = useFileDrop(onFiles);
  return (
    <div class={classes(styles.drop, isOver && styles.over)} {...handlers}>
      <Icon name="file" size="l" />
      <strong>{t(isOver ? "dropNow" : "drop")}</strong>
      <span class={page.dim}>{t("formats")}</span>
      <Button variant="primary" icon="plus" onClick={() => input.current?.click()}>
        {t("choose")}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={t("choose")}
        onChange={(event) => {
          if (event.currentTarget.files !== null) onFiles(event.currentTarget.files);
          event.currentTarget.value = "";
        }}
      />
    </div>
  );
}

function OnItsWay() {
  if (sending.value === null) return null;
  const { name, share, isWaiting } = sending.value;
  const title = t("sending", { name });
  return (
    <div class={styles.drop} role="status">
      <strong>{title}</strong>
      <ProgressBar value={share} max={1} label={title} tone="cyan" />
      {isWaiting && <span class={page.dim}>{t("waiting")}</span>}
      <Button onClick={stopSending}>{t("stop")}</Button>
    </div>
  );
}

function Made({ made }: { made: Paged<Translation> }) {
  return (
    <section class={page.section} aria-labelledby="files">
      <h2 id="files">{t("yours")}</h2>
      <Loaded
        from={made}
        empty={
          <EmptyState icon="file" title={t("empty")}>
            {t("emptyText")}
          </EmptyState>
        }
      >
        {(all) => (
          <List label={t("yours")}>
            {all.map((one) => (
              <TranslationRow key={one.id} made={one} onGone={made.reload} />
            ))}
          </List>
        )}
      </Loaded>
    </section>
  );
}
