import { classes, IconButton } from "@/ui";

import { useFingers } from "./useFingers";
import { useZoom } from "./useZoom";
import styles from "./viewer.module.css";
import { t } from "./words";

interface PictureProps {
  url: string;
  label: string;
  /** Drawn to the left or right while the whole picture is seen. */
  onStep: (step: number) => void;
  onError: () => void;
}

/** How much closer a double press brings it. */
const DOUBLE = 2.5;

/** A photo to look at closely: wheel, double press, pinch, keys and buttons zoom; a drag pans, or steps when it is whole. */
export function Picture({ url, label, onStep, onError }: PictureProps) {
  const view = useZoom();
  const listeners = useFingers(view, onStep);
  const { scale, x, y } = view.place.value;
  const isLarge = scale > 1;

  return (
    <>
      <div
        ref={view.room}
        class={classes(styles.stage, styles.grab, isLarge && styles.large)}
        {...listeners}
        onDblClick={(event) => {
          if (isLarge) view.whole();
          else view.zoom(DOUBLE, view.fromMiddle(event));
        }}
      >
        <img
          ref={view.image}
          class={styles.image}
          src={url}
          alt={label}
          draggable={false}
          style={{ transform: `translate(${x}px, ${y}px) scale(${scale})` }}
          onError={onError}
        />
      </div>
      <div class={styles.zoom}>
        <IconButton icon="minus" variant="framed" label={t("zoomOut")} disabled={!isLarge} onClick={view.farther} />
        <IconButton icon="plus" variant="framed" label={t("zoomIn")} onClick={view.closer} />
      </div>
    </>
  );
}
