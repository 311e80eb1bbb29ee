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
  // Where one may come to is said in the line below; whoever talks hangs up first.
  const isBusy = all.in(id) !== null || all.isTalking.value;
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
  const mine = participantOf(call, all.userId);
  // Who is rung has the banner; whoever calls alone sees the call itself.
  const canJoin = mine?.leg == null && (isGroup || call.status !== "ringing");
  if (!canJoin) return null;
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
