import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { ApiError } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { formatDate } from "@/lib/i18n";
import { useTitle } from "@/lib/title";
import { Badge, Button, canHover, classes, EmptyState, focusComposer, IconButton, lazily, Skeleton } from "@/ui";

import { Composer } from "../composer/Composer";
import { writeDraft } from "../composer/draft";
import { SettingsDialog } from "../lazyParts";
import { defaultModel, findModel, loadModels, models } from "../model/catalogue";
import type { Conversation } from "../model/conversation";
import { t } from "../words";
import styles from "./conversation.module.css";
import { useSeen } from "./useSeen";

/** With what draws the answers: one that is shown as its bare text first would be of another height afterwards. */
const loadList = async () => {
  const [{ MessageList }, { loadMarkdown }] = await Promise.all([import("./MessageList"), import("./AnswerBody")]);
  await loadMarkdown().catch(() => undefined);
  return MessageList;
};
/** A new chat has none yet. */
const MessageList = lazily(loadList);

const STARTERS = ["starter1", "starter2", "starter3", "starter4"] as const;

interface Props {
  conversation: Conversation;
  onShowList: () => void;
  onHelp: () => void;
}

export function ConversationPane({ conversation, onShowList, onHelp }: Props) {
  const chat = conversation.chat.value;
  const settings = useSignal(false);
  const knowsModels = useSignal(models.value.length > 0);
  useSeen(conversation);
  useTitle(chat === null ? null : chat.title || t("untitled"));

  useEffect(() => {
    void loadModels().then(() => (knowsModels.value = true));
    // Beside the chat itself, and before the first question.
    void loadList().catch(() => undefined);
    // On a touch screen the keyboard would cover what one came to read.
    if (canHover()) focusComposer();
  }, [conversation, knowsModels]);

  return (
    <section class={styles.pane}>
      <header class={styles.head}>
        <span class={styles.listButton}>
          <IconButton icon="menu" label={t("showList")} onClick={onShowList} />
        </span>
        <h1 class={styles.title} dir="auto">{chat === null ? newTitle(conversation) : chat.title || t("untitled")}</h1>
        {chat?.temporary === true && <Badge tone="cyan">{t("temporaryChat")}</Badge>}
        <span class={styles.help}>
          <IconButton icon="info" label={t("help")} onClick={onHelp} />
        </span>
        <IconButton icon="settings" label={t("chatSettings")} onClick={() => (settings.value = true)} />
      </header>
      {/* Its room is there before what stands in it has come. */}
      <div class={styles.room}>
        <AsOf conversation={conversation} />
        <Body conversation={conversation} knowsModels={knowsModels.value} />
      </div>
      <Composer conversation={conversation} />
      {settings.value && <SettingsDialog conversation={conversation} onClose={() => (settings.value = false)} />}
      <Announcer conversation={conversation} />
    </section>
  );
}

function newTitle(conversation: Conversation): string {
  return conversation.plans.value.temporary === true ? t("temporaryChat") : t("newChat");
}

interface BodyProps {
  conversation: Conversation;
  knowsModels: boolean;
}

function Body({ conversation, knowsModels }: BodyProps) {
  switch (conversation.state.value) {
    case "new":
      return <Welcome conversation={conversation} knowsModels={knowsModels} />;
    case "loading":
      return (
        <div class={styles.loading}>
          <Skeleton lines={6} />
        </div>
      );
    case "failed":
      return <LoadFailure conversation={conversation} />;
    case "ready":
      return <MessageList conversation={conversation} />;
  }
}

function LoadFailure({ conversation }: { conversation: Conversation }) {
  const { id } = conversation;
  return (
    <div class={styles.centre}>
      <EmptyState
        icon="warning"
        title={t("chatFailed")}
        action={id !== null && <Button onClick={() => conversation.load(id)}>{t("tryAgain")}</Button>}
      >
        {failureText(conversation.loadError.value)}
      </EmptyState>
    </div>
  );
}

function failureText(error: unknown): string {
  return error instanceof ApiError && error.status === 0 && !navigator.onLine ? t("notKept") : errorText(error);
}

/** Shown is what was kept here, not what the server has. */
function AsOf({ conversation }: { conversation: Conversation }) {
  const at = conversation.asOf.value;
  if (at === null) return null;
  return (
    <p class={styles.asOf} role="status">
      {t("asOf", { date: formatDate(at, { dateStyle: "medium", timeStyle: "short" }) })}
    </p>
  );
}

/** Seen once it is known which models there are, as that has a sentence of its own, which would move the others. */
function Welcome({ conversation, knowsModels }: BodyProps) {
  const demo = (findModel(conversation.model.value) ?? defaultModel())?.is_demo === true;
  const temporary = conversation.plans.value.temporary === true;
  return (
    <div class={classes(styles.centre, !knowsModels && styles.unseen)}>
      <EmptyState icon="chat" title={t("welcome")}>
        {t("welcomeText")} {temporary && t("welcomeTemporary")} {demo && t("demoText")}
      </EmptyState>
      <Starters conversation={conversation} />
    </div>
  );
}

/** Questions to begin with: put into the field, so that one sees what it costs and may change it. */
function Starters({ conversation }: { conversation: Conversation }) {
  const ask = (text: string) => {
    writeDraft(conversation, text);
    focusComposer();
  };
  return (
    <ul class={styles.starters} aria-label={t("starters")}>
      {STARTERS.map((key) => (
        <li key={key}>
          <Button variant="ghost" onClick={() => ask(t(key))}>
            {t(key)}
          </Button>
        </li>
      ))}
    </ul>
  );
}

/** Says that a model thinks, and that an answer ended. Reading it out word by word would drown everything else. */
function Announcer({ conversation }: { conversation: Conversation }) {
  const words = useSignal("");
  useSignalEffect(() => {
    const run = conversation.run.value;
    if (run !== null) {
      words.value = run.answer.thinkingSince.value === null ? "" : t("answerThinking");
      return () => {
        const { status } = run.answer.data.peek();
        if (run.answer.phase.peek() !== "settled") return;
        words.value = t(status === "complete" ? "answerDone" : status === "stopped" ? "answerStopped" : "answerFailed");
      };
    }
    return undefined;
  });
  return (
    <p class="visually-hidden" role="status">
      {words}
    </p>
  );
}
