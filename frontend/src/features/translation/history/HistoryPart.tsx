import { useSignal } from "@preact/signals";
import { useCallback } from "preact/hooks";

import { useDebounced } from "@/lib/debounced";
import { usePaged } from "@/lib/paged";
import { Button, EmptyState, List, Loaded, TextField } from "@/ui";

import { listTranslations } from "../model/api";
import { useTold } from "../model/document";
import styles from "../page.module.css";
import { t as common } from "../words";
import { TranslationRow } from "./TranslationRow";
import { t } from "./words";

/** Everything that was translated, the newest first. */
export function HistoryPart() {
  const wanted = useSignal("");
  const q = useDebounced(wanted.value.trim());
  const load = useCallback((signal: AbortSignal) => listTranslations({ q }, signal), [q]);
  const made = usePaged(load);
  useTold(made.reload);
  const empty =
    q === "" ? (
      <EmptyState icon="clock" title={t("empty")} action={<Button href="/app/translate">{common("toText")}</Button>}>
        {t("emptyText")}
      </EmptyState>
    ) : (
      <EmptyState icon="search" title={t("none", { q })}>
        {t("noneText")}
      </EmptyState>
    );
  return (
    <section class={styles.section} aria-labelledby="translated">
      <h2 id="translated">{t("history")}</h2>
      <TextField type="search" label={t("search")} value={wanted.value} onValue={(value) => (wanted.value = value)} />
      <Loaded from={made} empty={empty} lines={5}>
        {(all) => (
          <List label={t("history")}>
            {all.map((one) => (
              <TranslationRow key={one.id} made={one} onGone={() => made.change((rows) => rows.filter(({ id }) => id !== one.id))} />
            ))}
          </List>
        )}
      </Loaded>
    </section>
  );
}
