/** Pictures of people and groups are square and small. */
const SIDE = 512;

/** The middle of a picture as a JPEG of at most 512 × 512. Rejects when the browser cannot read it as a picture. */
export async function cropSquare(file: File): Promise<File> {
  const picture = await createImageBitmap(file);
  const cut = Math.min(picture.width, picture.height);
  const side = Math.min(SIDE, cut);
  const canvas = document.createElement("canvas");
  canvas.width = side;
  canvas.height = side;
  const left = (picture.width - cut) / 2;
  const top = (picture.height - cut) / 2;
  canvas.getContext("2d")?.drawImage(picture, left, top, cut, cut, 0, 0, side, side);
  picture.close();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
  if (blob === null) throw new Error("The picture could not be written");
  return new File([blob], "avatar.jpg", { type: blob.type });
}
