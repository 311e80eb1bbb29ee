import type { ComponentChildren, HTMLAttributes, RefObject } from "preact";

import { classes } from "../classes";
import type { ListVirtualizer } from "./useVirtual";
import styles from "./windowed.module.css";

interface Props extends Omit<HTMLAttributes<HTMLDivElement>, "children" | "ref" | "slot"> {
  scroller: RefObject<HTMLDivElement | null>;
  virtualizer: ListVirtualizer;
  /** A list that is lower than its room stands at its end, or else at its top. */
  atEnd?: boolean;
  /** Of what holds all rows, such as its width. */
  sizerClass?: string | undefined;
  /** What a row's box carries besides. */
  slot?: (index: number) => HTMLAttributes<HTMLDivElement>;
  children: (index: number) => ComponentChildren;
}

/** A list of which only the rows near the view are drawn, each in its place in a room as high as all of them. */
export function WindowedList({ scroller, virtualizer, atEnd, sizerClass, slot, children, ...box }: Props) {
  return (
    <div ref={scroller} class={styles.scroller} tabIndex={0} {...box}>
      <div
        class={classes(styles.sizer, atEnd === true && styles.atEnd, sizerClass)}
        style={{ height: `${virtualizer.getTotalSize()}px` }}
      >
        {virtualizer.getVirtualItems().map((row) => (
          <div
            key={row.key}
            ref={virtualizer.measureElement}
            data-index={row.index}
            data-key={row.key}
            class={styles.slot}
            style={{ transform: `translateY(${row.start}px)` }}
            {...slot?.(row.index)}
          >
            {children(row.index)}
          </div>
        ))}
      </div>
    </div>
  );
}
