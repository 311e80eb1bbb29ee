import { limit } from "@/lib/config";
import { Select, TextArea, TextField } from "@/ui";

import { LANGUAGES, languageName } from "../model/languages";
import page from "../page.module.css";
import type { Kind, Language } from "../shapes";
import { t as common } from "../words";
import { STYLES } from "./styles";
import { isPages, isTopic, titleFrom } from "./wanted";
import type { Wanted } from "./wanted";
import { t } from "./words";

const KINDS: readonly Kind[] = ["essay", "article", "report", "thesis"];

interface Props {
  wanted: Wanted;
  /** Somebody wanted to go on: now what is missing is said. */
  isAsked: boolean;
  onChange: (part: Partial<Wanted>) => void;
}

export function TopicFields({ wanted: { topic, title, kind, language, pages, style, wishes }, isAsked, onChange }: Props) {
  return (
    <>
      <TextArea
        label={t("topic")}
        hint={t("topicHint")}
        rows={4}
        maxLength={limit("document_topic")}
        value={topic}
        error={isAsked && !isTopic(topic) ? t("topicShort") : undefined}
        onValue={(value) => onChange({ topic: value })}
      />
      <TextField label={t("name")} hint={t("nameHint")} maxLength={limit("document_title")} placeholder={titleFrom(topic)} value={title} onValue={(value) => onChange({ title: value })} />
      <div class={page.pair}>
        <Select
          label={t("kind")}
          value={kind}
          options={KINDS.map((one) => ({ value: one, label: common(`kind_${one}`) }))}
          onValue={(value) => onChange({ kind: value as Kind })}
        />
        <Select
          label={t("language")}
          value={language}
          options={LANGUAGES.map((code) => ({ value: code, label: languageName(code) }))}
          onValue={(value) => onChange({ language: value as Language })}
        />
        <TextField
          label={t("pages")}
          value={pages}
          error={isAsked && !isPages(pages) ? t("pagesWrong", { most: limit("document_pages") }) : undefined}
          onValue={(value) => onChange({ pages: value })}
        />
        <Select
          label={t("style")}
          value={style}
          options={[{ value: "", label: t("styleUsual") }, ...STYLES.map(({ id, name }) => ({ value: id, label: name }))]}
          onValue={(value) => onChange({ style: value })}
        />
      </div>
      <TextArea
        label={t("wishes")}
        hint={t("wishesHint")}
        rows={2}
        maxLength={limit("document_requirements")}
        value={wishes}
        onValue={(value) => onChange({ wishes: value })}
      />
    </>
  );
}
