import { Badge, Button, EmptyState, Loaded } from "@/ui";

import { Desk } from "./desk/Desk";
import { isLive, useDocument } from "./model/document";
import { languageName } from "./model/languages";
import page from "./page.module.css";
import type { PaperDocument } from "./shapes";
import { OutlineStep } from "./start/OutlineStep";
import { StartStep } from "./start/StartStep";
import { Steps } from "./start/Steps";
import type { Step } from "./start/Steps";
import { TopicStep } from "./start/TopicStep";
import { t } from "./words";

/** One document, from its topic to its text: what is shown follows from its state, unless the address asks for a part. */
export function DocumentView({ id, part }: { id: string; part: string }) {
  const resource = useDocument(id);
  return (
    <div class={page.page}>
      <p>
        <a href="/app/documents">{t("back")}</a>
      </p>
      <Loaded from={resource} lines={6}>
        {(document) => <Shown document={document} part={part} onChanged={resource.reload} />}
      </Loaded>
    </div>
  );
}

interface Props {
  document: PaperDocument;
  part: string;
  onChanged: () => void;
}

function Shown({ document, part, onChanged }: Props) {
  const wanted = part === "" ? usual(document) : part;
  const props = { document, onChanged };
  switch (wanted) {
    case "text":
      return (
        <>
          <Head document={document} />
          <Desk {...props} />
        </>
      );
    case "topic":
      return <InSteps {...props} step="topic" />;
    case "outline":
      return <InSteps {...props} step="outline" />;
    case "start":
      return <InSteps {...props} step={document.outline.version === 0 ? "outline" : "start"} />;
    default:
      return <EmptyState icon="file" title={t("nothing")} action={<Button href={`/app/documents/${document.id}`}>{document.title}</Button>} />;
  }
}

/** Where one would go on. */
function usual({ status, outline, run }: PaperDocument): "topic" | "outline" | "text" {
  if (status !== "draft" && status !== "outline_generated") return "text";
  return status === "draft" && outline.version === 0 && run === null ? "topic" : "outline";
}

function InSteps({ document, onChanged, step }: Omit<Props, "part"> & { step: Step }) {
  const props = { document, onChanged };
  return (
    <div class={`${page.page} ${page.narrow}`}>
      <Head document={document} />
      <Steps current={step} id={document.id} last={document.outline.version === 0 ? "outline" : "start"} />
      {step === "topic" && <TopicStep {...props} />}
      {step === "outline" && <OutlineStep {...props} />}
      {step === "start" && <StartStep {...props} />}
    </div>
  );
}

function Head({ document }: { document: PaperDocument }) {
  const { title, kind, language, target_pages: pages, status, is_demo: isDemo, run } = document;
  return (
    <header class={page.words}>
      <h1 class={page.title} dir="auto">
        {title}
      </h1>
      <p class={page.dim}>{[t(`kind_${kind}`), languageName(language), t("pages", { count: pages })].join(" · ")}</p>
      <p class={page.badges}>
        {!isLive(run) && <Badge tone={status === "failed" ? "pink" : "plain"}>{t(`status_${status}`)}</Badge>}
        {isDemo && <Badge tone="pink">{t("demo")}</Badge>}
      </p>
      {isDemo && <p class={page.dim}>{t("demoHint")}</p>}
    </header>
  );
}
