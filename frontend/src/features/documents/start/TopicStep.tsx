import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

import { language as here } from "@/lib/i18n";
import { navigate } from "@/lib/router";
import { uuid } from "@/lib/uuid";
import { Button } from "@/ui";

import { changeDocument, createDocument, makeOutline } from "../model/api";
import page from "../page.module.css";
import type { PaperDocument } from "../shapes";
import { Trouble } from "../Trouble";
import { RequirementsField } from "./RequirementsField";
import { TopicFields } from "./TopicFields";
import { asked, isPages, isTopic, wantedOf } from "./wanted";
import type { Wanted } from "./wanted";
import { t } from "./words";

/** The first step: what it is about. The document is there from the moment that something is to be kept of it. */
export function TopicStep({ document, onChanged }: { document: PaperDocument | null; onChanged: () => void }) {
  const wanted = useSignal<Wanted>(wantedOf(document, here.peek()));
  const isAsked = useSignal(false);
  const isBusy = useSignal(false);
  const trouble = useSignal<unknown>(null);
  const clientId = useRef(uuid());
  const isGood = isTopic(wanted.value.topic) && isPages(wanted.value.pages);

  const keep = () => {
    const body = asked(wanted.peek());
    return document === null ? createDocument({ ...body, client_id: clientId.current }) : changeDocument(document.id, body);
  };
  const make = async () => {
    isAsked.value = true;
    if (!isGood) return;
    isBusy.value = true;
    trouble.value = null;
    try {
      const { id } = await keep();
      await makeOutline(id);
      onChanged();
      navigate(`/app/documents/${id}/outline`, { replace: document === null });
    } catch (error) {
      trouble.value = error;
    }
    isBusy.value = false;
  };
  return (
    <form
      class={page.section}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <TopicFields wanted={wanted.value} isAsked={isAsked.value} onChange={(part) => (wanted.value = { ...wanted.peek(), ...part })} />
      <RequirementsField
        requirements={document?.requirements ?? null}
        onBegin={() => {
          isAsked.value = true;
          return isGood ? keep().then(({ id }) => id) : null;
        }}
        onRead={(id) => {
          onChanged();
          navigate(`/app/documents/${id}/topic`, { replace: document === null });
        }}
      />
      {trouble.value !== null && <Trouble title={t("saveFailed")} error={trouble.value} />}
      <div class={page.buttons}>
        <Button type="submit" variant="primary" icon="right" loading={isBusy.value}>
          {t("make")}
        </Button>
        <span class={page.dim}>{t("makeHint")}</span>
      </div>
    </form>
  );
}

