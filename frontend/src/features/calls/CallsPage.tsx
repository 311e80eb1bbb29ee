import { useCallback, useEffect, useState } from "preact/hooks";

import { clock } from "@/lib/countdown";
import { dictionary, formatDate } from "@/lib/i18n";
import { usePaged } from "@/lib/paged";
import { subscribe } from "@/lib/realtime";
import { Button, classes, EmptyState, Icon, IconButton, List, ListItem, Loaded } from "@/ui";

import { missed } from "./missed";
import { calls } from "./model";
import { listCalls, markSeen } from "./model/api";
import { roomOf } from "./model/rooms";
import { participantOf } from "./model/shapes";
import type { CallShape } from "./model/shapes";
import styles from "./page.module.css";
import { begin } from "./view";
import { t as words } from "./words";

const t = dictionary({
  en: {
    title: "Calls",
    all: "All",
    onlyMissed: "Missed",
    filter: "Which calls",
    history: "Calls so far",
    empty: "No calls yet",
    emptyText: "Open a conversation and press the telephone in its head.",
    emptyMissed: "No missed calls",
    messages: "Open the messages",
    missed: "Missed",
    outgoing: "Outgoing",
    incoming: "Incoming",
    noAnswer: "No answer",
    declined: "Declined",
    youDeclined: "You declined",
    failed: "No connection",
    running: "Under way",
    video: "Video",
    again: "Call {name}",
    againVideo: "Call {name} with video",
    more: "Show more",
  },
  uk: {
    title: "Дзвінки",
    all: "Усі",
    onlyMissed: "Пропущені",
    filter: "Які дзвінки",
    history: "Дотеперішні дзвінки",
    empty: "Дзвінків ще не було",
    emptyText: "Відкрийте розмову й натисніть слухавку вгорі.",
    emptyMissed: "Пропущених дзвінків немає",
    messages: "До листування",
    missed: "Пропущений",
    outgoing: "Вихідний",
    incoming: "Вхідний",
    noAnswer: "Без відповіді",
    declined: "Відхилено",
    youDeclined: "Ви відхилили",
    failed: "Без з’єднання",
    running: "Триває",
    video: "Відео",
    again: "Подзвонити: {name}",
    againVideo: "Подзвонити з відео: {name}",
    more: "Показати більше",
  },
});

/** All calls one was in, or missed. Looking at them is having seen what was missed. */
export default function CallsPage() {
  const [isMissedOnly, setMissedOnly] = useState(false);
  const load = useCallback((signal: AbortSignal) => listCalls(isMissedOnly ? { missed: true } : {}, signal), [isMissedOnly]);
  const history = usePaged(load);
  const { reload, more } = history;

  useEffect(() => subscribe("call.state", reload), [reload]);
  useEffect(() => {
    if (history.data === null || missed.peek() === 0) return;
    void markSeen().then(
      () => (missed.value = 0),
      () => undefined,
    );
  }, [history.data]);

  const nothing = isMissedOnly ? (
    <EmptyState icon="phone" title={t("emptyMissed")} />
  ) : (
    <EmptyState icon="phone" title={t("empty")} action={<Button href="/app/messages">{t("messages")}</Button>}>
      {t("emptyText")}
    </EmptyState>
  );
  return (
    <div class={styles.page}>
      <h1>{t("title")}</h1>
      <div class={styles.filter} role="group" aria-label={t("filter")}>
        {[false, true].map((only) => (
          <Button
            key={String(only)}
            variant={only === isMissedOnly ? "primary" : "secondary"}
            aria-pressed={only === isMissedOnly}
            onClick={() => setMissedOnly(only)}
          >
            {t(only ? "onlyMissed" : "all")}
          </Button>
        ))}
      </div>
      <Loaded from={history} empty={nothing}>
        {(rows) => (
          <List label={t("history")}>
            {rows.map((call) => (
              <Row key={call.id} call={call} />
            ))}
          </List>
        )}
      </Loaded>
      {history.hasMore && (
        <div>
          <Button loading={history.loading} onClick={more}>
            {t("more")}
          </Button>
        </div>
      )}
    </div>
  );
}

function Row({ call }: { call: CallShape }) {
  const all = calls();
  const other = call.participants.find(({ user }) => user.id !== all.userId)?.user;
  const name = roomOf(call.conversation_id)?.name ?? other?.name ?? words("someone");
  const isBusy = all.in(call.conversation_id) !== null || all.isTalking.value;
  const kind = kindOf(call, all.userId);
  const target = { conversationId: call.conversation_id, title: name };
  const actions = (
    <>
      <IconButton icon="phone" label={t("again", { name })} disabled={isBusy} onClick={() => begin(target, "audio")} />
      <IconButton icon="video" label={t("againVideo", { name })} disabled={isBusy} onClick={() => begin(target, "video")} />
    </>
  );
  return (
    <ListItem href={`/app/messages/${call.conversation_id}`} actions={actions}>
      <span class={classes(styles.row, kind === "missed" && styles.missed)}>
        <Icon name={call.call_type === "video" ? "video" : "phone"} />
        <span>
          <strong dir="auto">{name}</strong>
          <span class={styles.dim}>
            {t(kind)}
            {call.call_type === "video" && ` · ${t("video")}`}
            {call.duration !== null && call.duration > 0 && ` · ${clock(call.duration)}`}
          </span>
        </span>
        <time class={styles.dim} dateTime={call.created_at}>
          {formatDate(call.created_at, { dateStyle: "medium", timeStyle: "short" })}
        </time>
      </span>
    </ListItem>
  );
}

/** What became of it, for whoever looks at it. */
export function kindOf(call: CallShape, userId: string) {
  const isMine = call.initiator?.id === userId;
  const { response } = participantOf(call, userId) ?? {};
  if (call.status !== "ended") return "running";
  if (response === "missed") return "missed";
  if (response === "declined") return "youDeclined";
  if (call.end_reason === "failed") return "failed";
  if (call.end_reason === "declined") return "declined";
  if (isMine && call.answered_at === null) return "noAnswer";
  return isMine ? "outgoing" : "incoming";
}
