import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useMemo } from "preact/hooks";

import type { PageProps } from "@/app/feature";
import { api, ApiError, currentUser } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { formatDate } from "@/lib/i18n";
import { useResource } from "@/lib/resource";
import { useTitle } from "@/lib/title";
import { Button, EmptyState, Skeleton } from "@/ui";

import { AnswerBody, loadMarkdown } from "../conversation/AnswerBody";
import { localMessage, MessageModel } from "../model/message";
import { readShared } from "./api";
import type { SharedChat, SharedMessage } from "./api";
import styles from "./sharing.module.css";
import { t } from "./words";

/** What a link to a chat leads to, for whoever has it. */
export default function SharedPage({ params }: PageProps) {
  const token = params.token ?? "";
  const load = useCallback(
    async (signal: AbortSignal) => {
      const [chat] = await Promise.all([readShared(token, signal), loadMarkdown().catch(() => undefined)]);
      return chat;
    },
    [token],
  );
  const { data, error, reload } = useResource(load);
  if (data !== null) return <Shared first={data} />;
  if (error === null) return <Skeleton lines={6} />;
  const isGone = error instanceof ApiError && error.status === 404;
  const again = !isGone && (
    <Button variant="primary" icon="refresh" onClick={reload}>
      {t("tryAgain")}
    </Button>
  );
  return (
    <EmptyState icon="warning" title={t(isGone ? "gone" : "failed")} action={again}>
      {isGone ? t("goneHint") : errorText(error)}
    </EmptyState>
  );
}

function Shared({ first }: { first: SharedChat }) {
  const last = useSignal(first);
  const messages = useSignal<readonly SharedMessage[]>(first.messages);
  const failure = useSignal<string | null>(null);
  const title = first.title || t("untitled");
  const date = formatDate(first.created_at);
  useTitle(title);
  useNoIndex();

  const more = async () => {
    failure.value = null;
    try {
      const page = await api.nextPage(last.value);
      if (page === null) return;
      messages.value = [...messages.value, ...page.messages];
      last.value = page;
    } catch (error) {
      failure.value = errorText(error);
    }
  };
  return (
    <div class={styles.shared}>
      <header>
        <h1 dir="auto">{title}</h1>
        <p class={styles.detail}>{first.name === null ? t("asOf", { date }) : t("by", { name: first.name, date })}</p>
      </header>
      {messages.value.map((message) => (
        <Turn key={message.id} message={message} />
      ))}
      {failure.value !== null && <p role="alert">{failure.value}</p>}
      {last.value.next !== null && <Button onClick={more}>{t("more")}</Button>}
      <Button variant="primary" href={currentUser.value === null ? "/" : "/app/chat"}>
        {t("begin")}
      </Button>
    </div>
  );
}

function Turn({ message }: { message: SharedMessage }) {
  const { id, role, content, model, files } = message;
  const answer = useMemo(
    () => new MessageModel(localMessage("assistant", id, { content, model, status: "complete" })),
    [id, content, model],
  );
  const name = t(role === "user" ? "asked" : "answered");
  return (
    <article class={role === "user" ? styles.question : styles.answer} aria-label={name}>
      <h2>
        {name} {model !== "" && <span class={styles.detail}>{model}</span>}
      </h2>
      {role === "assistant" ? (
        <AnswerBody answer={answer} />
      ) : (
        <p dir="auto" class={styles.said}>
          {content}
        </p>
      )}
      {files > 0 && <p class={styles.detail}>{t("filesLeftOut", { count: files })}</p>}
    </article>
  );
}

/** The server says it in a header as well; a page that was reached from within has none. */
function useNoIndex(): void {
  useEffect(() => {
    const tag = document.createElement("meta");
    tag.name = "robots";
    tag.content = "noindex";
    document.head.append(tag);
    return () => tag.remove();
  }, []);
}
