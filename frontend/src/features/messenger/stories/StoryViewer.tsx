import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { currentUser } from "@/lib/api";
import { IconButton, prefersStill, useBack } from "@/ui";
import { Avatar } from "@/ui/avatar";

import { useMessenger } from "../context";
import type { Person, StoryGroup } from "../model";
import { shortMoment } from "../parts/format";
import { AnswerStory } from "./AnswerStory";
import { timeLeft } from "./left";
import { inOrder, step } from "./order";
import type { Spot, Story } from "./order";
import { OwnStory } from "./OwnStory";
import styles from "./stories.module.css";
import { useProgress } from "./useProgress";
import { t } from "./words";

const PHOTO_SECONDS = 6;
/** A press that lasts longer than this only held the story still. */
const HOLD_MS = 250;

interface StoryViewerProps {
  groups: readonly StoryGroup[];
  spot: Spot;
  onSpot: (spot: Spot) => void;
  onClose: () => void;
}

/** Stories one after another: left and right third to step, hold to pause, keys for the same. */
export function StoryViewer({ groups: latest, spot, onSpot, onClose }: StoryViewerProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  // What was seen moves back in the row; who comes next must not change while one looks.
  const order = useRef(latest.map((one) => one.user.id));
  const groups = inOrder(latest, order.current);
  const group = groups.find((one) => one.user.id === spot.userId);
  const story = group?.stories[Math.min(spot.index, group.stories.length - 1)];
  const isThere = story !== undefined;

  useBack(true, onClose);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    element?.focus();
    return () => element?.close();
  }, []);
  // The last one ran out or was deleted while it was looked at.
  useEffect(() => {
    if (!isThere) onClose();
  }, [isThere, onClose]);

  const go = (by: 1 | -1) => {
    const next = step(groups, spot, by);
    if (next !== null) onSpot(next);
    else if (by > 0) onClose();
  };
  return (
    <dialog
      ref={dialog}
      class="full-screen"
      tabIndex={-1}
      aria-label={t("viewer", { name: group?.user.name ?? "" })}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      {group !== undefined && story !== undefined && (
        <Shown key={story.id} group={group} story={story} onGo={go} onClose={onClose} />
      )}
    </dialog>
  );
}

interface ShownProps {
  group: StoryGroup;
  story: Story;
  onGo: (by: 1 | -1) => void;
  onClose: () => void;
}

function Shown({ group, story, onGo, onClose }: ShownProps) {
  const messenger = useMessenger();
  const isMine = group.user.id === currentUser.value?.id;
  // Nothing runs by itself for those who asked for less motion; they step when they like.
  const paused = useSignal(prefersStill());
  const held = useSignal(false);
  const ready = useSignal(false);
  const muted = useSignal(true);
  const asking = useSignal(false);
  const isVideo = story.media?.kind === "video";
  const running = ready.value && !paused.value && !held.value && !asking.value;
  const share = useProgress(isVideo ? null : PHOTO_SECONDS, running, () => onGo(1));
  const press = useRef(0);

  useEffect(() => {
    if (!isMine && !story.viewed) messenger.viewStory(story.id);
  }, [messenger, isMine, story.id, story.viewed]);
  useKeys((key) => {
    if (asking.value) return;
    if (key === "ArrowRight") onGo(1);
    else if (key === "ArrowLeft") onGo(-1);
    else paused.value = !paused.value;
  });

  const onTap = (event: MouseEvent) => {
    if (performance.now() - press.current > HOLD_MS || !(event.currentTarget instanceof HTMLElement)) return;
    const box = event.currentTarget.getBoundingClientRect();
    onGo(event.clientX - box.left < box.width / 3 ? -1 : 1);
  };
  return (
    <div class={styles.frame}>
      <Bars group={group} story={story} share={share.value} />
      <header class={styles.head}>
        <Avatar name={group.user.name} avatarUrl={group.user.avatar_url} size="s" />
        <div class={styles.headWords}>
          <strong>{isMine ? t("yours") : group.user.name}</strong>
          <span>
            {shortMoment(story.created_at)} · {timeLeft(story.expires_at)}
          </span>
        </div>
        {isVideo && (
          <IconButton icon="mute" label={t("sound")} pressed={!muted.value} onClick={() => (muted.value = !muted.value)} />
        )}
        <IconButton
          icon={paused.value ? "play" : "pause"}
          label={t(paused.value ? "play" : "pause")}
          onClick={() => (paused.value = !paused.value)}
        />
        <IconButton icon="close" label={t("close")} onClick={onClose} />
      </header>
      {/* The keys and the buttons below do the same for those who do not point. */}
      <div
        class={styles.stage}
        onPointerDown={() => {
          press.current = performance.now();
          held.value = true;
        }}
        onPointerUp={() => (held.value = false)}
        onPointerCancel={() => (held.value = false)}
        onPointerLeave={() => (held.value = false)}
        onContextMenu={(event) => event.preventDefault()}
        onClick={onTap}
      >
        <Media
          story={story}
          running={!paused.value && !held.value && !asking.value}
          muted={muted.value}
          onReady={() => (ready.value = true)}
          onShare={(value) => (share.value = value)}
          onEnd={() => onGo(1)}
        />
      </div>
      {story.caption !== "" && <p class={styles.caption}>{story.caption}</p>}
      <footer class={styles.foot}>
        <IconButton icon="left" label={t("earlier")} onClick={() => onGo(-1)} />
        <Deeds story={story} teller={group.user} onAsk={(on) => (asking.value = on)} />
        <IconButton icon="right" label={t("later")} onClick={() => onGo(1)} />
      </footer>
    </div>
  );
}

/** What can be done with a story: with one's own, and with another's. */
function Deeds({ story, teller, onAsk }: { story: Story; teller: Person; onAsk: (on: boolean) => void }) {
  if (teller.id === currentUser.value?.id) return <OwnStory story={story} onAsk={onAsk} />;
  return <AnswerStory story={story} teller={teller} onAsk={onAsk} />;
}

function Bars({ group, story, share }: { group: StoryGroup; story: Story; share: number }) {
  const at = group.stories.findIndex((one) => one.id === story.id);
  return (
    <div class={styles.bars} aria-hidden="true">
      {group.stories.map((one, index) => (
        <span key={one.id} class={styles.track}>
          <span class={styles.fill} style={{ transform: `scaleX(${index < at ? 1 : index > at ? 0 : share})` }} />
        </span>
      ))}
    </div>
  );
}

interface MediaProps {
  story: Story;
  running: boolean;
  muted: boolean;
  onReady: () => void;
  onShare: (share: number) => void;
  onEnd: () => void;
}

function Media({ story, running, muted, onReady, onShare, onEnd }: MediaProps) {
  const messenger = useMessenger();
  const broken = useSignal(false);
  const video = useRef<HTMLVideoElement>(null);
  const url = story.media === null ? null : messenger.mediaUrl(story.media.id, "full").value;

  useEffect(() => {
    if (running) void video.current?.play().catch(() => undefined);
    else video.current?.pause();
  }, [running, url]);

  const fail = () => {
    broken.value = true;
    // What cannot be shown does not hold up the others.
    onReady();
  };
  if (broken.value || story.media === null) return <p class={styles.note}>{t("broken")}</p>;
  if (url === null) return <p class={styles.note}>{t("loading")}</p>;
  if (story.media.kind !== "video") {
    return <img class={styles.media} src={url} alt={story.caption} draggable={false} onLoad={onReady} onError={fail} />;
  }
  return (
    <video
      ref={video}
      class={styles.media}
      src={url}
      muted={muted}
      playsInline
      onLoadedData={onReady}
      onTimeUpdate={(event) => {
        const { currentTime, duration } = event.currentTarget;
        if (duration > 0) onShare(currentTime / duration);
      }}
      onEnded={onEnd}
      onError={fail}
    />
  );
}

/** The keys of the viewer; a button that has the focus keeps its space bar. */
function useKeys(act: (key: "ArrowLeft" | "ArrowRight" | " ") => void): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { key } = event;
      if (key !== "ArrowLeft" && key !== "ArrowRight" && key !== " ") return;
      if (key === " " && event.target instanceof HTMLButtonElement) return;
      if (event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      latest.current(key);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
