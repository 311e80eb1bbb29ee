import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { isAbort } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { uploadFile } from "@/lib/upload";
import { Button, IconButton, ProgressBar } from "@/ui";

import { Avatar } from "../parts/Avatar";
import { cropSquare } from "./cropSquare";
import styles from "./people.module.css";
import { t } from "./words";

interface AvatarPickerProps {
  /** Whose initials stand in for a picture. */
  name: string;
  avatarUrl: string;
  /** The uploaded file's id; null: no picture. */
  onPicked: (fileId: string | null) => void;
}

/** A picture to choose: cut to a square and uploaded at once, shown from this device meanwhile. */
export function AvatarPicker({ name, avatarUrl, onPicked }: AvatarPickerProps) {
  const input = useRef<HTMLInputElement>(null);
  const shown = useSignal<string | null>(null);
  const progress = useSignal<number | null>(null);
  const trouble = useSignal<string | null>(null);
  const upload = useRef<AbortController | null>(null);
  const picture = shown.value ?? avatarUrl;

  const show = (file: File | null) => {
    if (shown.value?.startsWith("blob:")) URL.revokeObjectURL(shown.value);
    shown.value = file === null ? null : URL.createObjectURL(file);
  };
  useEffect(
    () => () => {
      upload.current?.abort();
      if (shown.peek()?.startsWith("blob:")) URL.revokeObjectURL(shown.peek() ?? "");
    },
    [shown],
  );

  const choose = async (file: File) => {
    trouble.value = null;
    const square = await cropSquare(file).catch(() => null);
    if (square === null) {
      trouble.value = t("notPicture");
      return;
    }
    show(square);
    upload.current?.abort();
    upload.current = new AbortController();
    progress.value = 0;
    try {
      const onProgress = (share: number) => (progress.value = share);
      const uploaded = await uploadFile(square, { signal: upload.current.signal, onProgress, purpose: "avatar" });
      onPicked(uploaded.id);
    } catch (error) {
      if (isAbort(error)) return;
      show(null);
      trouble.value = errorText(error);
    }
    progress.value = null;
  };

  const remove = () => {
    upload.current?.abort();
    progress.value = null;
    show(null);
    shown.value = "";
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
        {progress.value !== null && <ProgressBar label={t("uploading")} value={progress.value} max={1} />}
        {trouble.value !== null && (
          <p class={styles.trouble} role="alert">
            {trouble.value}
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
    </div>
  );
}
