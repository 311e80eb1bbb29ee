import { useSignal } from "@preact/signals";

import { errorText } from "@/lib/errorText";
import type { Resource } from "@/lib/resource";
import { Badge, Button, EmptyState, Loaded, TextField, toast } from "@/ui";

import { addSource, excludeSource } from "../model/api";
import { addressOf, doiIn, facts } from "../model/sources";
import page from "../page.module.css";
import type { Source } from "../shapes";
import { Trouble } from "../Trouble";
import styles from "./citations.module.css";
import { t } from "./words";

interface Props {
  documentId: string;
  sources: Resource<Source[]>;
}

/** What may be cited: what was found, and what one adds. */
export function SourceList({ documentId, sources }: Props) {
  const nothing = (
    <EmptyState icon="search" title={t("noSources")}>
      {t("noSourcesText")}
    </EmptyState>
  );
  return (
    <>
      <Loaded from={sources} empty={nothing}>
        {(all) => (
          <ul class={styles.rows} aria-label={t("sources")}>
            {all.map((source) => (
              <SourceRow key={source.id} documentId={documentId} source={source} onChanged={sources.reload} />
            ))}
          </ul>
        )}
      </Loaded>
      <AddSource documentId={documentId} onAdded={sources.reload} />
    </>
  );
}

function SourceRow({ documentId, source, onChanged }: { documentId: string; source: Source; onChanged: () => void }) {
  const { id, key, csl, is_excluded: isExcluded, is_user_added: isOwn, is_demo: isDemo, retraction } = source;
  const isBusy = useSignal(false);
  const address = addressOf(source);
  const turn = async () => {
    isBusy.value = true;
    try {
      await excludeSource(documentId, id, !isExcluded);
      onChanged();
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
    }
    isBusy.value = false;
  };
  return (
    <li class={styles.source}>
      <span dir="auto">
        <strong>{key}</strong> {csl.title ?? key}
      </span>
      <span class={page.dim} dir="auto">
        {facts(source)}
      </span>
      <span class={page.badges}>
        {isDemo && <span class={page.dim}>{t("demoSource")}</span>}
        {isOwn && <Badge tone="cyan">{t("ownSource")}</Badge>}
        {isExcluded && <Badge>{t("excluded")}</Badge>}
        {retraction !== "" && <Badge tone="pink">{t("retracted")}</Badge>}
      </span>
      <span class={page.buttons}>
        {address !== null && (
          <a href={address} target="_blank" rel="noopener noreferrer">
            {t("openSource")}
          </a>
        )}
        <Button variant="ghost" loading={isBusy.value} onClick={() => void turn()}>
          {t(isExcluded ? "include" : "exclude")}
        </Button>
      </span>
    </li>
  );
}

function AddSource({ documentId, onAdded }: { documentId: string; onAdded: () => void }) {
  const text = useSignal("");
  const isBusy = useSignal(false);
  const isWrong = useSignal(false);
  const trouble = useSignal<unknown>(null);
  const add = async () => {
    const doi = doiIn(text.value);
    isWrong.value = doi === null;
    if (doi === null) return;
    isBusy.value = true;
    trouble.value = null;
    try {
      await addSource(documentId, doi);
      text.value = "";
      toast(t("added"));
      onAdded();
    } catch (error) {
      trouble.value = error;
    }
    isBusy.value = false;
  };
  return (
    <form
      class={styles.add}
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <TextField label={t("addDoi")} placeholder="10.1000/xyz123" spellcheck={false} value={text.value} error={isWrong.value ? t("doiWrong") : undefined} onValue={(value) => (text.value = value)} />
      <Button type="submit" icon="plus" loading={isBusy.value} disabled={text.value.trim() === ""}>
        {t("add")}
      </Button>
      {trouble.value !== null && <Trouble title={t("addFailed")} error={trouble.value} />}
    </form>
  );
}
