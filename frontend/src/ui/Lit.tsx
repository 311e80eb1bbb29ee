import { useMemo } from "preact/hooks";

import styles from "./Lit.module.css";
import { litParts } from "./litParts";

interface LitProps {
  text: string;
  /** `[start, end)` as JavaScript counts. */
  highlights: readonly (readonly [number, number])[];
}

/** A found text with what was looked for lit in it, cut to what matters. */
export function Lit({ text, highlights }: LitProps) {
  const parts = useMemo(() => litParts(text, highlights), [text, highlights]);
  return (
    <>
      {parts.map((part, index) =>
        part.lit ? (
          <mark key={index} class={styles.lit}>
            {part.text}
          </mark>
        ) : (
          part.text
        ),
      )}
    </>
  );
}
