import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

import { classes } from "@/ui";

import type { CallSession } from "../model";
import styles from "./call.module.css";
import { Video } from "./Stage";
import { t } from "./words";

const CORNERS = ["top-left", "top-right", "bottom-right", "bottom-left"] as const;
type Corner = (typeof CORNERS)[number];

/** What the others see of oneself. It can be drawn to any corner, or sent to the next one by a key. */
export function OwnPicture({ session }: { session: CallSession }) {
  const corner = useSignal<Corner>("bottom-right");
  const shift = useSignal<{ x: number; y: number } | null>(null);
  const from = useRef<{ x: number; y: number } | null>(null);
  const { picture } = session.local;
  if (picture.value === null) return null;

  const drop = (event: PointerEvent) => {
    if (from.current === null) return;
    from.current = null;
    shift.value = null;
    const box = (event.currentTarget as HTMLElement).parentElement?.getBoundingClientRect();
    if (!box) return;
    const isLeft = event.clientX < box.left + box.width / 2;
    const isTop = event.clientY < box.top + box.height / 2;
    corner.value = `${isTop ? "top" : "bottom"}-${isLeft ? "left" : "right"}`;
  };
  const { x, y } = shift.value ?? { x: 0, y: 0 };
  return (
    <button
      type="button"
      class={classes(styles.own, shift.value !== null && styles.dragged)}
      data-corner={corner.value}
      aria-label={t("ownPicture")}
      style={{ transform: `translate(${x}px, ${y}px)` }}
      onPointerDown={(event) => {
        from.current = { x: event.clientX, y: event.clientY };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (from.current !== null) shift.value = { x: event.clientX - from.current.x, y: event.clientY - from.current.y };
      }}
      onPointerUp={drop}
      onPointerCancel={drop}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        corner.value = CORNERS[(CORNERS.indexOf(corner.value) + 1) % CORNERS.length] ?? "bottom-right";
      }}
    >
      <Video stream={picture.value} label={t("you")} isMirrored={session.local.isFacing.value} />
    </button>
  );
}
