/** What calls bring to a conversation: two buttons in its head, and a line while a call is under way there. */
import type { ConversationPlace } from "@/app/feature";
import { Button, IconButton } from "@/ui";

import styles from "./layer.module.css";
import { calls } from "./model";
import { participantOf, present } from "./model/shapes";
import { begin, pickUp } from "./view";
import { t } from "./words";

export function Buttons({ id, name }: ConversationPlace) {
  const all = calls();
  // Where one is, or may come to, is said in the line below.
  const isBusy = all.in(id) !== null || sessionIn(id);
  const start = (type: "audio" | "video") => begin({ conversationId: id, title: name }, type);
  return (
    <>
      <IconButton icon="phone" label={t("callAudio")} disabled={isBusy} onClick={() => start("audio")} />
      <IconButton icon="video" label={t("callVideo")} disabled={isBusy} onClick={() => start("video")} />
    </>
  );
}

export function Bar({ id, name, isGroup }: ConversationPlace) {
  const all = calls();
  const call = all.in(id);
  if (call === null) return null;
  const isHere = sessionIn(id);
  const mine = participantOf(call, all.userId);
  // Who is rung has the banner; whoever calls alone sees the call itself.
  const canJoin = mine?.leg == null && (isGroup || call.status !== "ringing");
  // Whoever is in it here sees the call, or its bar.
  if (isHere || !canJoin) return null;
  const people = present(call).length;
  return (
    <div class={styles.joinBar} role="status">
      <p>
        <strong>{t(call.status === "ringing" ? "callRings" : "callRuns")}</strong>{" "}
        <span>{t("inCall", { count: people })}</span>
      </p>
      <Button variant="primary" icon="phone" onClick={() => pickUp(call, name, {})}>
        {t("join")}
      </Button>
      <IconButton icon="video" label={t("joinVideo")} variant="framed" onClick={() => pickUp(call, name, { video: true })} />
    </div>
  );
}

function sessionIn(conversationId: string): boolean {
  const session = calls().session.value;
  return session !== null && session.phase.value !== "over" && session.options.conversationId === conversationId;
}
