import type { ComponentType } from "preact";

import type { PageProps } from "@/app/feature";
import { Button, EmptyState, lazily, Tabs } from "@/ui";

import styles from "./page.module.css";
import { TextPart } from "./text/TextPart";
import { t } from "./words";

interface PartProps {
  /** Of what the part shows one of; empty for all. */
  id: string;
}

const PARTS: Readonly<Record<string, ComponentType<PartProps>>> = {
  text: TextPart,
  files: lazily(async () => (await import("./files/FilesPart")).FilesPart),
  glossaries: lazily(async () => (await import("./glossaries/GlossariesPart")).GlossariesPart),
  history: lazily(async () => (await import("./history/HistoryPart")).HistoryPart),
};
const ORDER = ["text", "files", "glossaries", "history"] as const;

/** Texts, files, glossaries and what was translated before: parts with addresses of their own. */
export default function TranslatePage({ params }: PageProps) {
  const part = params.part ?? "text";
  const Part = PARTS[part];
  const tabs = ORDER.map((one) => ({ id: one, label: t(one), href: one === "text" ? "/app/translate" : `/app/translate/${one}` }));
  return (
    <div class={styles.page}>
      <h1>{t("title")}</h1>
      <Tabs label={t("parts")} tabs={tabs} current={part} />
      {Part === undefined ? (
        <EmptyState icon="globe" title={t("nothing")} action={<Button href="/app/translate">{t("toText")}</Button>} />
      ) : (
        <Part id={params.id ?? ""} />
      )}
    </div>
  );
}
