/** Which square of a picture is shown: how near it is, and where its middle stands. */

/** The side of what is kept, in pixels: pictures of people and groups are small. */
const SIDE = 512;
export const MOST_ZOOM = 4;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Crop {
  /** 1: as much of the picture as fits into a square. */
  readonly zoom: number;
  /** The middle of the square, in pixels of the picture. */
  readonly x: number;
  readonly y: number;
}

/** The middle of a picture, as much of it as fits. */
export function whole({ width, height }: Size): Crop {
  return { zoom: 1, x: width / 2, y: height / 2 };
}

/** The side of the square, in pixels of the picture. */
export function sideOf({ width, height }: Size, { zoom }: Crop): number {
  return Math.min(width, height) / zoom;
}

/** The nearest crop that shows nothing beside the picture. */
export function within(size: Size, crop: Crop): Crop {
  const zoom = clamp(crop.zoom, 1, MOST_ZOOM);
  const half = sideOf(size, { ...crop, zoom }) / 2;
  return { zoom, x: clamp(crop.x, half, size.width - half), y: clamp(crop.y, half, size.height - half) };
}

/** Moved by parts of its own side: 1 is as far as it is wide. */
export function moved(size: Size, crop: Crop, right: number, down: number): Crop {
  const side = sideOf(size, crop);
  return within(size, { ...crop, x: crop.x + right * side, y: crop.y + down * side });
}

export function draw(canvas: HTMLCanvasElement, picture: ImageBitmap, crop: Crop): void {
  const cut = sideOf(picture, crop);
  const { width: side } = canvas;
  canvas.getContext("2d")?.drawImage(picture, crop.x - cut / 2, crop.y - cut / 2, cut, cut, 0, 0, side, side);
}

/** A JPEG of at most 512 × 512. Rejects when the browser cannot write it. */
export async function squareOf(picture: ImageBitmap, crop: Crop): Promise<File> {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.max(1, Math.min(SIDE, Math.round(sideOf(picture, crop))));
  draw(canvas, picture, crop);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
  if (blob === null) throw new Error("The picture could not be written");
  return new File([blob], "avatar.jpg", { type: blob.type });
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
