/** The colours things speak in; the class sets `--tone` for the style sheet of the component. */
import styles from "./tone.module.css";

export type Tone = "gold" | "pink" | "cyan" | "plain";

export function toneClass(tone: Tone): string | undefined {
  return styles[tone];
}
