/** How large pictures and films are, known before they are sent, so that their room on the screen does not change. */
interface Size {
  width: number;
  height: number;
}

const known = new WeakMap<Blob, Promise<Size | null>>();

/** Pixels, as it is shown (turned upright); null for other files and for what this browser cannot read. */
export function sizeOf(file: Blob): Promise<Size | null> {
  let size = known.get(file);
  if (size === undefined) known.set(file, (size = measure(file).catch(() => null)));
  return size;
}

async function measure(file: Blob): Promise<Size | null> {
  const [family] = file.type.split("/");
  if (family !== "image" && family !== "video") return null;
  const url = URL.createObjectURL(file);
  try {
    return await (family === "image" ? ofPicture(url) : ofFilm(url));
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function ofPicture(url: string): Promise<Size> {
  const image = new Image();
  await new Promise((resolve, reject) => {
    image.onload = resolve;
    image.onerror = () => reject(new Error("not a picture"));
    image.src = url;
  });
  return { width: image.naturalWidth, height: image.naturalHeight };
}

async function ofFilm(url: string): Promise<Size> {
  const video = document.createElement("video");
  await new Promise((resolve, reject) => {
    video.preload = "metadata";
    video.onloadedmetadata = resolve;
    video.onerror = () => reject(new Error("not a film"));
    video.src = url;
  });
  const size = { width: video.videoWidth, height: video.videoHeight };
  video.removeAttribute("src");
  video.load();
  return size;
}
