import { classes } from "@/ui";

import { lampOf, LAMPS } from "../model/lamps";
import type { Citation, Colour } from "../shapes";
import styles from "./citations.module.css";
import { t } from "./words";

/** A sign for each colour: nobody has to tell them apart by the colour alone. */
const SIGNS: Record<Colour, string> = { green: "✓", amber: "!", red: "×", grey: "?" };

export function LampSign({ colour }: { colour: Colour }) {
  return (
    <span class={classes(styles.lamp, styles[colour])} aria-hidden="true">
      {SIGNS[colour]}
    </span>
  );
}

/** All four, small; who cannot see them is told by `lampsSaid`. */
export function Lamps({ citation }: { citation: Citation }) {
  return (
    <span class={styles.lamps}>
      {LAMPS.map((name) => (
        <LampSign key={name} colour={lampOf(citation, name).lamp} />
      ))}
    </span>
  );
}

export function lampsSaid(citation: Citation): string {
  return LAMPS.map((name) => t("lampSaid", { name: t(name), colour: t(lampOf(citation, name).lamp) })).join(", ");
}
