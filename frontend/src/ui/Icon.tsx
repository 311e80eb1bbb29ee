import styles from "./Icon.module.css";

/** Own drawings on a 24 unit grid: straight lines, square ends, nothing filled. */
const PATHS = {
  archive: "M3 4h18v5H3zM5 9v11h14V9M10 13h4",
  attach: "M20 11l-8 8a5 5 0 0 1-7-7l9-9a3.5 3.5 0 0 1 5 5l-9 9a1.5 1.5 0 0 1-2.5-2.5L15 7",
  bolt: "M13 2L5 14h6l-1 8 9-13h-7z",
  branch: "M6 3v12M6 9h9a3 3 0 0 0 3-3V3M3 18h6v3H3zM15 3h6",
  calendar: "M3 5h18v16H3zM3 10h18M8 2v5M16 2v5",
  chart: "M3 3v18h18M8 17v-5M13 17V7M18 17v-8",
  chat: "M3 4h18v13H11l-5 4v-4H3zM7 9h10M7 13h6",
  check: "M4 13l5 5L20 6",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l4 3",
  close: "M5 5l14 14M19 5L5 19",
  copy: "M8 8h13v13H8zM16 8V3H3v13h5",
  device: "M3 4h18v12H3zM8 21h8M12 16v5",
  down: "M5 9l7 7 7-7",
  download: "M12 3v12M6 10l6 6 6-6M4 21h16",
  edit: "M4 20v-4L16 4l4 4L8 20zM13 7l4 4",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  file: "M5 3h9l5 5v13H5zM14 3v5h5",
  forward: "M14 5l7 6-7 6v-4c-6 0-9 2-11 6 0-7 4-10 11-10z",
  globe: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c-5 5-5 13 0 18M12 3c5 5 5 13 0 18",
  hidden: "M3 3l18 18M6 7c-3 2-4 5-4 5s4 7 10 7c2 0 3 0 5-1M11 5c7-1 11 7 11 7l-2 3",
  image: "M3 4h18v16H3zM3 16l5-5 5 5 3-3 5 4M15 8h2v2h-2z",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v6M12 7v1",
  left: "M15 5l-7 7 7 7",
  link: "M10 14l4-4M8 12l-3 3a3 3 0 0 0 4 4l3-3M16 12l3-3a3 3 0 0 0-4-4l-3 3",
  lock: "M5 11h14v10H5zM8 11V7a4 4 0 0 1 8 0v4",
  logout: "M10 3H4v18h6M9 12h12M16 7l5 5-5 5",
  mail: "M3 5h18v14H3zM3 6l9 8 9-8",
  menu: "M3 6h18M3 12h18M3 18h18",
  messages: "M2 3h14v10H9l-4 3v-3H2zM19 8h3v10h-3v3l-4-3H9v-2",
  mic: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5 11a7 7 0 0 0 14 0M12 18v3M8 21h8",
  more: "M11 5h2M11 12h2M11 19h2",
  mute: "M5 17h14l-2-3v-4a5 5 0 0 0-10 0v4zM10 20h4M3 3l18 18",
  palette: "M3 3h8v8H3zM13 3h8v8h-8zM3 13h8v8H3zM17 13v8M13 17h8",
  pause: "M8 5v14M16 5v14",
  phone: "M5 3h4l2 5-3 2c1 3 3 5 6 6l2-3 5 2v4c0 1-1 2-2 2C10 21 3 14 3 5c0-1 1-2 2-2z",
  pin: "M8 3h8l-1 7 4 4H5l4-4zM12 14v7",
  play: "M6 4l14 8-14 8z",
  plus: "M12 4v16M4 12h16",
  refresh: "M20 12a8 8 0 1 1-3-6M20 3v5h-5",
  reply: "M10 5l-7 6 7 6v-4c6 0 9 2 11 6 0-7-4-10-11-10z",
  right: "M9 5l7 7-7 7",
  search: "M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l6 6",
  send: "M3 4l18 8-18 8 3-8zM6 12h9",
  settings: "M3 7h10M19 7h2M13 4h6v6h-6zM3 17h2M11 17h10M5 14h6v6H5z",
  shield: "M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6z",
  smile: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 9v1M16 9v1M8 14c2 3 6 3 8 0",
  star: "M12 3l3 6 6 1-4 5 1 6-6-3-6 3 1-6-4-5 6-1z",
  stop: "M6 6h12v12H6z",
  trash: "M4 6h16M9 6V3h6v3M6 6l1 15h10l1-15M10 10v7M14 10v7",
  up: "M5 15l7-7 7 7",
  user: "M12 3a4 4 0 1 0 0 9 4 4 0 0 0 0-9zM4 21c0-5 4-6 8-6s8 1 8 6",
  users: "M9 4a3 3 0 1 0 0 7 3 3 0 0 0 0-7zM2 20c0-5 4-6 7-6s7 1 7 6M16 4a3 3 0 0 1 0 7M18 14c2 1 4 2 4 6",
  minus: "M4 12h16",
  video: "M3 6h12v12H3zM15 11l6-4v10l-6-4z",
  warning: "M12 3L2 21h20zM12 10v5M12 17v1",
} as const;

export type IconName = keyof typeof PATHS;

export const ICON_NAMES = Object.keys(PATHS) as IconName[];

/** A drawing that one feature alone needs, and brings along. */
export interface Drawing {
  readonly path: string;
}

interface IconProps {
  name: IconName | Drawing;
  size?: "s" | "m" | "l";
}

/** Decoration beside words; a control that is only an icon is an `IconButton`, which has a name. */
export function Icon({ name, size = "m" }: IconProps) {
  return (
    <svg class={`${styles.icon} ${styles[size]}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={typeof name === "string" ? PATHS[name] : name.path} />
    </svg>
  );
}
