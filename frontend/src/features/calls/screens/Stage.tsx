import { useComputed } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

import { classes, Icon } from "@/ui";
import { Avatar } from "@/ui/avatar";

import * as drawn from "../drawings";
import type { RemoteLeg } from "../media/remote";
import type { CallSession } from "../model";
import type { Leg, Person } from "../model/shapes";
import styles from "./call.module.css";
import { t } from "./words";

/** From so many others on, one stands large and the rest in a strip. */
const STRIP_FROM = 5;

interface Other {
  user: Person;
  leg: Leg;
}

/** The others, and what they show. */
export function Stage({ session }: { session: CallSession }) {
  const others = session.others.value;
  const legs = session.plane.value?.legs.value ?? new Map<string, RemoteLeg>();
  const large = useLarge(session, others);
  if (others.length === 0) return <Alone session={session} />;
  const sharer = others.find(({ leg }) => leg.screen_on);
  const hasLarge = sharer !== undefined || others.length >= STRIP_FROM;
  const inFront = sharer === undefined && hasLarge ? others.find(({ leg }) => leg.id === large) : undefined;
  const rest = others.filter((other) => other !== inFront);
  return (
    <div class={classes(styles.stage, hasLarge && styles.withLarge)} data-count={others.length}>
      {sharer && <SharedScreen name={sharer.user.name} remote={legs.get(sharer.leg.id)} />}
      {inFront && <Tile key={inFront.leg.id} other={inFront} remote={legs.get(inFront.leg.id)} isLarge />}
      <ul class={styles.tiles} aria-label={t("people")}>
        {rest.map((other) => (
          <li key={other.leg.id}>
            <Tile other={other} remote={legs.get(other.leg.id)} isLarge={!hasLarge && others.length === 1} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Whoever speaks; they stay until somebody else does, so that nothing jumps in a pause. */
function useLarge(session: CallSession, others: readonly Other[]): string | undefined {
  const last = useRef<string | undefined>(undefined);
  const loudest = useComputed(() => {
    const legs = [...(session.plane.value?.legs.value.values() ?? [])];
    const speaking = legs.filter((leg) => leg.level.value > SPEAKING);
    return speaking.sort((one, other) => other.level.value - one.level.value)[0]?.id;
  });
  if (loudest.value !== undefined) last.current = loudest.value;
  const isThere = others.some(({ leg }) => leg.id === last.current);
  return isThere ? last.current : others[0]?.leg.id;
}

const SPEAKING = 0.1;

function Alone({ session }: { session: CallSession }) {
  const { title } = session.options;
  const call = session.call.value;
  const other = call?.participants.find(({ user }) => user.id !== session.options.userId)?.user;
  return (
    <div class={styles.stage} data-count="1">
      <div class={styles.alone}>
        <Avatar name={title} avatarUrl={call?.participants.length === 2 ? (other?.avatar_url ?? "") : ""} size="l" />
      </div>
    </div>
  );
}

function Tile({ other: { user, leg }, remote, isLarge }: { other: Other; remote: RemoteLeg | undefined; isLarge: boolean }) {
  const picture = leg.video_on ? (remote?.camera.value ?? null) : null;
  const isSpeaking = (remote?.level.value ?? 0) > SPEAKING;
  return (
    <div class={classes(styles.tile, isSpeaking && styles.speaking, isLarge && styles.large)} data-leg={leg.id}>
      {picture === null ? (
        <Avatar name={user.name} avatarUrl={user.avatar_url} size="l" />
      ) : (
        <Video stream={picture} label={t("pictureOf", { name: user.name })} />
      )}
      <p class={styles.name}>
        {!leg.audio_on && (
          <span role="img" aria-label={t("muted")}>
            <Icon name={drawn.micOff} size="s" />
          </span>
        )}
        {leg.screen_on && (
          <span role="img" aria-label={t("sharing")}>
            <Icon name={drawn.screen} size="s" />
          </span>
        )}
        <span dir="auto">{user.name}</span>
        {remote && <Bars count={remote.bars.value} />}
      </p>
    </div>
  );
}

function SharedScreen({ name, remote }: { name: string; remote: RemoteLeg | undefined }) {
  const stream = remote?.screen.value ?? null;
  return (
    <div class={styles.shared}>{stream !== null && <Video stream={stream} label={t("screenOf", { name })} isWhole />}</div>
  );
}

function Bars({ count }: { count: 0 | 1 | 2 | 3 }) {
  return (
    <span class={styles.bars} role="img" aria-label={t(`bars${count}`)} data-bars={count}>
      <i />
      <i />
      <i />
    </span>
  );
}

interface VideoProps {
  stream: MediaStream;
  label: string;
  /** Nothing of it may be cut off. */
  isWhole?: boolean;
  isMirrored?: boolean;
}

/** Always without sound: voices have players of their own, which do not depend on what is drawn. */
export function Video({ stream, label, isWhole = false, isMirrored = false }: VideoProps) {
  const video = useRef<HTMLVideoElement>(null);
  useLayoutEffect(() => {
    const element = video.current;
    if (element === null) return;
    element.srcObject = stream;
    return () => {
      element.srcObject = null;
    };
  }, [stream]);
  return (
    <video
      ref={video}
      class={classes(styles.video, isWhole && styles.whole, isMirrored && styles.mirrored)}
      aria-label={label}
      autoplay
      playsInline
      muted
      disablePictureInPicture
    />
  );
}
