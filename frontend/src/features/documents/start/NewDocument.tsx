import page from "../page.module.css";
import { t as common } from "../words";
import { Steps } from "./Steps";
import { TopicStep } from "./TopicStep";
import { t } from "./words";

const nothing = () => undefined;

export function NewDocument() {
  return (
    <div class={`${page.page} ${page.narrow}`}>
      <p>
        <a href="/app/documents">{common("back")}</a>
      </p>
      <h1>{t("newTitle")}</h1>
      <Steps current="topic" id={null} last="topic" />
      <TopicStep document={null} onChanged={nothing} />
    </div>
  );
}
