/**
 * What goes between two legs: the same four places in every connection, from its first offer to its end. Muting, the camera
 * and a shared screen change what a place holds, so nothing is negotiated for a button.
 */
export const SLOTS = ["audio", "camera", "screen", "sound"] as const;

/** `sound` goes with the screen. */
export type Slot = (typeof SLOTS)[number];

export const KIND_OF = { audio: "audio", camera: "video", screen: "video", sound: "audio" } as const;

export type Outgoing = Readonly<Record<Slot, MediaStreamTrack | null>>;

/** How much the pictures may take, in bits a second; by how many others they are sent to. */
export interface Bounds {
  camera: { bitrate: number; framerate: number; height: number };
  screen: { bitrate: number; framerate: number };
}

/** A mesh sends the picture once to each, so more people mean less for each. */
export function boundsFor(others: number): Bounds {
  const screen = { bitrate: 2_500_000, framerate: 15 };
  if (others <= 1) return { camera: { bitrate: 1_500_000, framerate: 30, height: 720 }, screen };
  return { camera: { bitrate: 350_000, framerate: 15, height: 360 }, screen };
}
