import { useSignal } from "@preact/signals";

import { classes } from "../classes";
import styles from "./avatar.module.css";

interface AvatarProps {
  name: string;
  avatarUrl: string;
  size?: "s" | "m" | "l";
  /** Direct conversations: whether the other one is here now. Said in words beside it, so the dot is mute. */
  online?: boolean;
}

const TONES = ["gold", "cyan", "pink", "white"] as const;

/** A picture or initials; decoration, for the name always stands beside it. */
export function Avatar({ name, avatarUrl, size = "m", online = false }: AvatarProps) {
  const broken = useSignal<string | null>(null);
  const hasPicture = avatarUrl !== "" && broken.value !== avatarUrl;
  return (
    <span class={classes(styles.avatar, styles[size], styles[toneOf(name)])} aria-hidden="true">
      {hasPicture ? (
        <img src={avatarUrl} alt="" loading="lazy" decoding="async" onError={() => (broken.value = avatarUrl)} />
      ) : (
        initials(name)
      )}
      {online && <span class={styles.online} />}
    </span>
  );
}

/** The first letters of the first two words, or the first two letters of the only one; of a name of emoji the first. */
export function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{M}\p{N}]+/u).filter((word) => word !== "");
  if (words.length === 0) return [...new Intl.Segmenter().segment(name)][0]?.segment ?? "?";
  const letters = words.length > 1 ? words.slice(0, 2).map(firstLetter) : Array.from(words[0] ?? "").slice(0, 2);
  return letters.join("").toUpperCase();
}

/** One name, one colour, on every device. */
export function toneOf(name: string): (typeof TONES)[number] {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return TONES[sum % TONES.length] ?? "white";
}

function firstLetter(word: string): string {
  return Array.from(word)[0] ?? "";
}
