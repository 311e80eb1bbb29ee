import { useEffect, useRef, useState } from "preact/hooks";

import { Button } from "../Button";
import { Dialog } from "../Dialog";
import styles from "./avatar.module.css";
import { draw, MOST_ZOOM, moved, whole, within } from "./crop";
import type { Crop } from "./crop";
import { t } from "./words";

interface CropDialogProps {
  picture: ImageBitmap;
  onCancel: () => void;
  onCropped: (crop: Crop) => void;
}

/** Twice what it measures on the screen, so that it is sharp on a phone. */
const DRAWN_PX = 560;
const STEP = 0.05;
const ZOOM_STEP = 0.1;
const STEPS: Partial<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

/** The square of a picture that will be shown: dragged, or moved by keys, and brought nearer by a slider or the wheel. */
export function CropDialog({ picture, onCancel, onCropped }: CropDialogProps) {
  const [crop, setCrop] = useState(() => whole(picture));
  const canvas = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, picture, crop);
  }, [picture, crop]);

  const zoomTo = (zoom: number) => setCrop((before) => within(picture, { ...before, zoom }));
  const onKeyDown = (event: KeyboardEvent) => {
    const [right, down] = STEPS[event.key] ?? [0, 0];
    const nearer = event.key === "+" || event.key === "=" ? ZOOM_STEP : event.key === "-" ? -ZOOM_STEP : 0;
    if (right === 0 && down === 0 && nearer === 0) return;
    event.preventDefault();
    if (nearer === 0) setCrop((before) => moved(picture, before, right, down));
    else zoomTo(crop.zoom + nearer);
  };
  const drag = useDrag((right, down) => setCrop((before) => moved(picture, before, right, down)));
  const footer = (
    <>
      <Button onClick={onCancel}>{t("cancel")}</Button>
      <Button variant="primary" onClick={() => onCropped(crop)}>
        {t("use")}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onCancel} title={t("cropTitle")} footer={footer}>
      <div class={styles.crop}>
        <div
          class={styles.frame}
          role="application"
          tabIndex={0}
          aria-label={t("cropFrame")}
          onKeyDown={onKeyDown}
          onWheel={(event) => {
            event.preventDefault();
            zoomTo(crop.zoom * (event.deltaY < 0 ? 1 + ZOOM_STEP : 1 - ZOOM_STEP));
          }}
          {...drag}
        >
          <canvas ref={canvas} width={DRAWN_PX} height={DRAWN_PX} />
        </div>
        <p class={styles.hint}>{t("cropHint")}</p>
        <label class={styles.zoom}>
          <span>{t("zoom")}</span>
          <input
            type="range"
            min={1}
            max={MOST_ZOOM}
            step={ZOOM_STEP}
            value={crop.zoom}
            onInput={(event) => zoomTo(event.currentTarget.valueAsNumber)}
          />
        </label>
      </div>
    </Dialog>
  );
}

/** The picture follows the finger, so the square goes the other way; in parts of the frame. */
function useDrag(onMove: (right: number, down: number) => void) {
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.currentTarget instanceof Element) event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent) => {
      const { currentTarget: frame } = event;
      if (!(frame instanceof Element) || !frame.hasPointerCapture(event.pointerId)) return;
      const { width } = frame.getBoundingClientRect();
      onMove(-event.movementX / width, -event.movementY / width);
    },
  };
}
