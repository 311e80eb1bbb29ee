/** Where a picture stands: its scale, and how far its middle is from the middle of the room, in pixels. */
export interface Place {
  scale: number;
  x: number;
  y: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

export const WHOLE: Place = { scale: 1, x: 0, y: 0 };

const LARGEST = 6;

/** Scale by a factor and keep what lies under a point (from the middle of the room) under it. */
export function zoomAt(place: Place, factor: number, point: Point): Place {
  const scale = Math.min(LARGEST, Math.max(1, place.scale * factor));
  const ratio = scale / place.scale;
  return {
    scale,
    x: point.x - (point.x - place.x) * ratio,
    y: point.y - (point.y - place.y) * ratio,
  };
}

/** No edge of the picture comes into the room as long as the picture is larger; a smaller one stays in the middle. */
export function keepInside(place: Place, picture: Size, room: Size): Place {
  const freeX = Math.max(0, (picture.width * place.scale - room.width) / 2);
  const freeY = Math.max(0, (picture.height * place.scale - room.height) / 2);
  return { scale: place.scale, x: within(place.x, freeX), y: within(place.y, freeY) };
}

function within(value: number, limit: number): number {
  // `+ 0` turns a negative zero into a plain one.
  return Math.max(-limit, Math.min(limit, value)) + 0;
}
