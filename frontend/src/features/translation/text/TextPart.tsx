import { useCallback, useEffect } from "preact/hooks";

import { errorText } from "@/lib/errorText";
import { useResource } from "@/lib/resource";
import { navigate, query } from "@/lib/router";
import { EmptyState, Loaded, toast } from "@/ui";

import { listLanguages, listServices, readTranslation } from "../model/api";
import { chosenPair, chosenService } from "../model/choice";
import { likedTargets } from "../model/languages";
import type { Service } from "../shapes";
import { keepText, text } from "./desk";
import { LanguageBar } from "./LanguageBar";
import { Options } from "./Options";
import { Panes } from "./Panes";
import styles from "./text.module.css";
import { t } from "./words";

/** A text beside its translation. */
export function TextPart() {
  const services = useResource(listServices);
  useEffect(keepText, []);
  useEarlier(query.value.get("from"));
  return (
    <Loaded from={services} lines={8}>
      {(all) => {
        const service = chosenService(all, text.service.value);
        return service === null ? (
          <EmptyState icon="globe" title={t("noService")}>
            {t("noServiceText")}
          </EmptyState>
        ) : (
          <Desk services={all} service={service} />
        );
      }}
    </Loaded>
  );
}

function Desk({ services, service }: { services: readonly Service[]; service: Service }) {
  const { id } = service;
  const load = useCallback((signal: AbortSignal) => listLanguages(id, signal), [id]);
  const languages = useResource(load);
  const offered = languages.data;

  useEffect(() => {
    text.service.value = id;
  }, [id]);
  useEffect(() => {
    if (offered === null) return;
    const asked = { source: text.sourceLang.peek(), target: text.targetLang.peek() };
    const { source, target } = chosenPair(asked, offered, likedTargets());
    text.sourceLang.value = source;
    text.targetLang.value = target;
  }, [offered]);

  return (
    <div class={styles.desk}>
      <Loaded from={languages} lines={2}>
        {(all) => <LanguageBar text={text} offered={all} />}
      </Loaded>
      <Panes text={text} service={service} offered={offered} />
      <Options text={text} services={services} service={service} offered={offered} />
    </div>
  );
}

/** Puts an earlier translation in place, once. */
function useEarlier(id: string | null): void {
  useEffect(() => {
    if (id === null) return;
    const abort = new AbortController();
    readTranslation(id, abort.signal).then(
      (made) => {
        text.show(made);
        navigate("/app/translate", { replace: true });
      },
      (error: unknown) => {
        if (!abort.signal.aborted) toast(`${t("notLoaded")}: ${errorText(error)}`, { tone: "danger" });
      },
    );
    return () => abort.abort();
  }, [id]);
}
