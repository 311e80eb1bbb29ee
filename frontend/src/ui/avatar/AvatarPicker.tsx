import { useEffect, useRef, useState } from "preact/hooks";

import { Button } from "../Button";
import { IconButton } from "../IconButton";
import { ProgressBar } from "../ProgressBar";
import { Avatar } from "./Avatar";
import styles from "./avatar.module.css";
import { squareOf } from "./crop";
import type { Crop } from "./crop";
import { CropDialog } from "./CropDialog";
import { t } from "./words";

interface Upload {
  signal: AbortSignal;
  /** From 0 to 1. */
  onProgress: (share: number) => void;
}

interface AvatarPickerProps {
  /** Whose initials stand in for a picture. */
  name: string;
  avatarUrl: string;
  /** Sends the square; answers the file's id. */
  upload: (square: File, options: Upload) => Promise<string>;
  /** A failure of `upload` as a sentence. */
  explain: (error: unknown) => string;
  /** The uploaded file's id; null: no picture. */
  onPicked: (fileId: string | null) => void;
}

/** A picture to choose: its square is chosen too and uploaded at once, shown from this device meanwhile. */
export function AvatarPicker({ name, avatarUrl, upload, explain, onPicked }: AvatarPickerProps) {
  const input = useRef<HTMLInputElement>(null);
  const [shown, setShown] = useLocalPicture();
  const [cropped, setCropped] = useState<ImageBitmap | null>(null);
  const [progress, setProgress] = useState<number | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const running = useRef<AbortController | null>(null);
  const picture = shown ?? avatarUrl;
  useEffect(() => () => running.current?.abort(), []);

  const choose = async (file: File) => {
    setTrouble(null);
    const read = await createImageBitmap(file).catch(() => null);
    if (read === null) setTrouble(t("notPicture"));
    setCropped(read);
  };
  const send = async (from: ImageBitmap, crop: Crop) => {
    setCropped(null);
    const square = await squareOf(from, crop);
    from.close();
    setShown(square);
    running.current?.abort();
    const { signal } = (running.current = new AbortController());
    setProgress(0);
    try {
      onPicked(await upload(square, { signal, onProgress: setProgress }));
    } catch (error) {
      if (signal.aborted) return;
      setShown(null);
      setTrouble(explain(error));
    }
    setProgress(null);
  };
  const remove = () => {
    running.current?.abort();
    setProgress(null);
    setShown("");
    onPicked(null);
  };

  return (
    <div class={styles.picker}>
      <Avatar name={name === "" ? "?" : name} avatarUrl={picture} size="l" />
      <div class={styles.pickerTools}>
        <span class={styles.pickerButtons}>
          <Button icon="image" onClick={() => input.current?.click()}>
            {t(picture === "" ? "choosePicture" : "changePicture")}
          </Button>
          {picture !== "" && <IconButton icon="trash" label={t("removePicture")} onClick={remove} />}
        </span>
        {progress !== null && <ProgressBar label={t("uploading")} value={progress} max={1} />}
        {trouble !== null && (
          <p class={styles.trouble} role="alert">
            {trouble}
          </p>
        )}
      </div>
      <input
        ref={input}
        type="file"
        accept="image/*"
        hidden
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) void choose(file);
        }}
      />
      {cropped !== null && (
        <CropDialog
          picture={cropped}
          onCancel={() => {
            cropped.close();
            setCropped(null);
          }}
          onCropped={(crop) => void send(cropped, crop)}
        />
      )}
    </div>
  );
}

/** What is shown from this device: a file, "" for no picture, null for whatever the server has. */
function useLocalPicture(): [string | null, (file: File | "" | null) => void] {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => () => {
    if (url?.startsWith("blob:")) URL.revokeObjectURL(url);
  }, [url]);
  return [url, (file) => setUrl(file instanceof File ? URL.createObjectURL(file) : file)];
}
