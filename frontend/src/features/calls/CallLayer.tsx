/** Calls above every page: the ring, the call itself, and where it is if it is not here. */
import { useEffect } from "preact/hooks";

import { currentUser } from "@/lib/api";
import { path } from "@/lib/router";
import { Button, ConfirmDialog, lazily, useBreakpoint } from "@/ui";

import * as drawn from "./drawings";
import styles from "./layer.module.css";
import { calls } from "./model";
import type { Calls } from "./model";
import { roomOf } from "./model/rooms";
import type { CallShape } from "./model/shapes";
import { RingBanner } from "./screens/RingBanner";
import { goBack, isLarge, pickUp } from "./view";
import { t } from "./words";

const CallScreen = lazily(() => import("./screens/CallScreen").then((module) => module.CallScreen));
const MiniBar = lazily(() => import("./screens/MiniBar").then((module) => module.MiniBar));
const OverCard = lazily(() => import("./screens/OverCard").then((module) => module.OverCard));

export default function CallLayer() {
  if (currentUser.value === null) return null;
  return <Layer all={calls()} />;
}

function Layer({ all }: { all: Calls }) {
  const session = all.session.value;
  return (
    <>
      {all.ringing.value.map((call) => (
        <RingBanner key={call.id} call={call} all={all} />
      ))}
      {session === null ? <Elsewhere all={all} /> : <Here all={all} />}
      <MoveOffer all={all} />
    </>
  );
}

function Here({ all }: { all: Calls }) {
  const session = all.session.value;
  const isDesk = useBreakpoint("desk");
  const isOver = session?.phase.value === "over";
  const place = session === null ? "" : `/app/messages/${session.options.conversationId}`;
  // On a desk the call stands beside its messages; who goes elsewhere takes it along as a bar.
  const isBeside = isDesk && isLarge.value && path.value === place && !isOver;
  const isShown = isDesk ? isBeside : isLarge.value && !isOver;
  useMark("beside", isBeside);
  useMark("bar", session !== null && !isShown && !isOver && !isDesk);

  useEffect(() => {
    // A call that begins anew is seen.
    if (session !== null) isLarge.value = true;
  }, [session]);

  if (session === null) return null;
  if (isOver) return <OverCard key={session.options.conversationId} session={session} all={all} />;
  return isShown ? <CallScreen session={session} all={all} /> : <MiniBar session={session} all={all} />;
}

/** For the style sheets of the page that gives way. */
function useMark(name: "beside" | "bar", isSet: boolean): void {
  useEffect(() => {
    if (!isSet) return;
    const mark = `data-call-${name}`;
    document.documentElement.setAttribute(mark, "");
    return () => document.documentElement.removeAttribute(mark);
  }, [name, isSet]);
}

function Elsewhere({ all }: { all: Calls }) {
  const back = all.goBackTo.value;
  const backTo = back === null ? undefined : all.board.get(back.callId);
  if (backTo) return <GoBack call={backTo} all={all} />;
  const mine = all.mine.value;
  if (mine === null) return null;
  const isTab = all.tabs.elsewhere.value === mine.call.id;
  return (
    <div class={styles.bar} role="status">
      <p>{t(isTab ? "elsewhereTab" : "elsewhereDevice")}</p>
      {isTab ? (
        <Button onClick={() => all.tabs.show()}>{t("showTab")}</Button>
      ) : (
        <Button onClick={() => pickUp(mine.call, titleOf(mine.call, all.userId), { move: true })}>{t("moveHere")}</Button>
      )}
    </div>
  );
}

function GoBack({ call, all }: { call: CallShape; all: Calls }) {
  const title = titleOf(call, all.userId);
  return (
    <div class={styles.bar} role="status">
      <p>{t("goBack")}</p>
      <Button variant="primary" icon="phone" onClick={() => goBack(call, title)}>
        {t("goBackButton")}
      </Button>
      <Button variant="danger" icon={drawn.hangUp} onClick={() => void all.leaveKept()}>
        {t("leave")}
      </Button>
    </div>
  );
}

function MoveOffer({ all }: { all: Calls }) {
  const offer = all.moveOffer.value;
  const call = offer === null ? undefined : all.board.get(offer.callId);
  return (
    <ConfirmDialog
      open={offer !== null && call !== undefined}
      title={t("moveTitle")}
      confirmLabel={t("moveHere")}
      onClose={() => {
        all.moveOffer.value = null;
        all.dismiss();
      }}
      onConfirm={() => {
        if (offer !== null && call) pickUp(call, offer.title, { move: true });
      }}
    >
      <p>{t("moveText")}</p>
    </ConfirmDialog>
  );
}

/** Whom one talks to: the group, or the other one. */
export function titleOf(call: CallShape, userId: string): string {
  const room = roomOf(call.conversation_id);
  const other = call.participants.find(({ user }) => user.id !== userId);
  return room?.name ?? other?.user.name ?? t("someone");
}
