import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { clock } from "@/lib/countdown";
import { errorText } from "@/lib/errorText";
import { Button, classes, Icon, IconButton, toast, useBreakpoint, useBack } from "@/ui";

import type { Calls, CallSession } from "../model";
import { sponsor } from "../model/api";
import { isLarge } from "../view";
import styles from "./call.module.css";
import { Controls } from "./Controls";
import { wayNotes } from "./notes";
import { OwnPicture } from "./OwnPicture";
import { statusText } from "./status";
import { Stage } from "./Stage";
import { useTime } from "./useTime";
import { t } from "./words";

/** A call, large: a sheet over a phone, beside the messages on a desk. */
export function CallScreen({ session, all }: { session: CallSession; all: Calls }) {
  const screen = useRef<HTMLElement>(null);
  const isDesk = useBreakpoint("desk");
  const minimise = () => (isLarge.value = false);
  useBack(!isDesk, minimise);
  useWakeLock();
  useCovered(screen, !isDesk);
  useChangedDevice(session);

  useEffect(() => {
    // On a desk the field of the messages may have it.
    if (!isDesk) screen.current?.focus({ preventScroll: true });
  }, [isDesk]);

  return (
    <section
      ref={screen}
      tabIndex={-1}
      class={styles.screen}
      aria-label={t("callWith", { name: session.options.title })}
      onKeyDown={(event) => {
        // A dialog above it is closed by the same key.
        const isAbove = document.querySelector("dialog[open], [popover]:popover-open [role^=menuitem]") !== null;
        if (event.key !== "Escape" || event.defaultPrevented || isDesk || isAbove) return;
        event.preventDefault();
        minimise();
      }}
    >
      <Head session={session} onMinimise={minimise} />
      <div class={styles.middle}>
        <Stage session={session} />
        <OwnPicture session={session} />
      </div>
      <Notes session={session} />
      <Controls session={session} all={all} />
    </section>
  );
}

function Head({ session, onMinimise }: { session: CallSession; onMinimise: () => void }) {
  const time = useTime(session.call.value?.started_at ?? null);
  const route = session.plane.value?.route.value ?? null;
  const status = statusText(session);
  return (
    <header class={styles.head}>
      <IconButton icon="down" label={t("minimise")} onClick={onMinimise} />
      <div class={styles.title}>
        <h2 dir="auto">{session.options.title}</h2>
        <p>
          {time !== null && <time>{time}</time>} <span role="status">{status}</span>
        </p>
      </div>
      {route !== null && (
        <p class={classes(styles.shield, route === "sfu" && styles.shieldServer)} title={t(`route_${route}`)}>
          <Icon name="shield" />
          <span aria-hidden="true">{t(`shield_${route}`)}</span>
          <span class="visually-hidden">{t(`route_${route}`)}</span>
        </p>
      )}
    </header>
  );
}

/** What goes wrong, or might, each in a sentence. */
function Notes({ session }: { session: CallSession }) {
  const { trouble, hint } = session.local;
  const call = session.call.value;
  const isServerAway = session.plane.value?.isServerAway.value === true;
  const isBlocked = [...(session.plane.value?.legs.value.values() ?? [])].some((leg) => leg.isBlocked.value);
  const secondsLeft = session.secondsLeft.value;
  const device = trouble.value;
  const here = { userId: session.options.userId, isServerAway, mayShow: session.local.mayShow.value };
  const notes = wayNotes(call, here);
  return (
    <div class={styles.notes} aria-live="polite">
      {isBlocked && (
        <div class={styles.note}>
          <p>{t("soundBlocked")}</p>
          <Button variant="primary" onClick={() => session.plane.value?.playAll()}>
            {t("soundOn")}
          </Button>
        </div>
      )}
      {notes.map(({ text, canPay }) => (
        <div key={text} class={styles.note}>
          <p>{text}</p>
          {canPay && call !== null && <Button onClick={() => void pay(call.id)}>{t("sponsor")}</Button>}
        </div>
      ))}
      {secondsLeft !== null && call?.notice === "minutes_low" && <p class={styles.note}>{t("minutesLeft", { time: clock(secondsLeft) })}</p>}
      {device !== null && (
        <p class={styles.note}>{device.kind === "insecure" ? t("insecure") : t(`${device.device}_${device.kind}`)}</p>
      )}
      {hint.value !== null && (
        <p class={styles.note}>{t(hint.value === "not-heard" ? "hint_notHeard" : "hint_muted")}</p>
      )}
    </div>
  );
}

async function pay(callId: string): Promise<void> {
  try {
    await sponsor(callId);
  } catch (error) {
    toast(errorText(error), { tone: "danger" });
  }
}

/** What a sheet covers can be neither pressed nor reached by keys; a further ring, which stands above it, can. */
function useCovered(sheet: RefObject<HTMLElement | null>, isCovering: boolean): void {
  useLayoutEffect(() => {
    const main = sheet.current?.closest("main");
    if (!isCovering || !main) return;
    const around = [...(main.parentElement?.children ?? [])].filter((element) => element !== main);
    const within = [...main.children].filter((element) => !element.contains(sheet.current));
    const covered = [...around, ...within].filter((element): element is HTMLElement => element instanceof HTMLElement && !element.inert);
    for (const element of covered) element.inert = true;
    return () => {
      for (const element of covered) element.inert = false;
    };
  }, [sheet, isCovering]);
}

/** The screen stays on while one talks, where the browser lets it. */
function useWakeLock(): void {
  useEffect(() => {
    const { wakeLock } = navigator as Partial<Navigator>;
    if (wakeLock === undefined) return;
    let held: WakeLockSentinel | null = null;
    let isWanted = true;
    const take = () => {
      if (document.visibilityState !== "visible") return;
      wakeLock.request("screen").then(
        (lock) => {
          if (isWanted) held = lock;
          else void lock.release();
        },
        () => undefined,
      );
    };
    take();
    document.addEventListener("visibilitychange", take);
    return () => {
      isWanted = false;
      document.removeEventListener("visibilitychange", take);
      void held?.release();
    };
  }, []);
}

function useChangedDevice(session: CallSession): void {
  useEffect(
    () =>
      session.local.changedTo.subscribe((name) => {
        if (name === null) return;
        toast(name === "" ? t("changedDevice") : t("changedTo", { name }));
        session.local.changedTo.value = null;
      }),
    [session],
  );
}
