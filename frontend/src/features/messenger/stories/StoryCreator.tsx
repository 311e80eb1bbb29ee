import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";

import { isAbort } from "@/lib/api";
import { limit } from "@/lib/config";
import { errorText } from "@/lib/errorText";
import { sendFile } from "@/lib/resumable";
import { uuid } from "@/lib/uuid";
import { Alert, Button, Dialog, ProgressBar, TextField, toast } from "@/ui";

import { useMessenger } from "../context";
import { createStory } from "../model/api";
import styles from "./stories.module.css";
import { t } from "./words";

/** A photo or video with a few words, for a day. */
export function StoryCreator({ onClose }: { onClose: () => void }) {
  const messenger = useMessenger();
  const file = useSignal<File | null>(null);
  const caption = useSignal("");
  const share = useSignal<number | null>(null);
  const failure = useSignal<string | null>(null);
  const upload = useRef(new AbortController());
  /** A film that broke off half way goes on there; the same id, so that it is one story. */
  const begun = useRef<{ file: File; clientId: string; uploadId: string | null } | null>(null);
  /** What was uploaded already, so that a second try does not send it again. */
  const sent = useRef<{ file: File; mediaId: string } | null>(null);
  const busy = share.value !== null;

  useEffect(() => () => upload.current.abort(), []);

  const choose = (chosen: File) => {
    const fits = /^(image|video)\//.test(chosen.type);
    failure.value = fits ? null : t("wrongKind");
    if (fits) file.value = chosen;
  };
  const publish = async () => {
    const chosen = file.value;
    if (chosen === null || busy) return;
    share.value = 0;
    failure.value = null;
    try {
      if (sent.current?.file !== chosen) {
        const onProgress = (value: number) => (share.value = value);
        if (begun.current?.file !== chosen) begun.current = { file: chosen, clientId: uuid(), uploadId: null };
        const going = begun.current;
        const uploaded = await sendFile(chosen, {
          ...going,
          signal: upload.current.signal,
          purpose: "story",
          onProgress,
          onStarted: (id) => void (going.uploadId = id),
        });
        sent.current = { file: chosen, mediaId: uploaded.id };
      }
      const { mediaId } = sent.current;
      const clientId = begun.current?.clientId ?? uuid();
      await createStory({ media_id: mediaId, caption: caption.value.trim(), client_id: clientId });
      toast(t("published"), { tone: "success" });
      onClose();
      await messenger.refreshStories().catch(() => undefined);
    } catch (error) {
      if (isAbort(error)) return;
      failure.value = errorText(error);
      share.value = null;
    }
  };
  const footer = (
    <>
      <Button onClick={onClose}>{t("cancel")}</Button>
      <Button variant="primary" icon="send" loading={busy} disabled={file.value === null} onClick={publish}>
        {t("publish")}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title={t("newStory")} footer={footer}>
      <p class={styles.explain}>{t("explain")}</p>
      {failure.value !== null && <Alert tone="danger" title={failure.value} />}
      <Chooser file={file.value} disabled={busy} onFile={choose} />
      <TextField
        label={t("caption")}
        hint={t("captionHint")}
        value={caption.value}
        onValue={(value) => (caption.value = value)}
        maxLength={limit("max_story_caption_chars")}
        disabled={busy}
        autoComplete="off"
      />
      {share.value !== null && <Upload share={share.value} />}
    </Dialog>
  );
}

function Upload({ share }: { share: number }) {
  const words = t("uploading", { percent: Math.round(share * 100) });
  return (
    <div>
      <p class={styles.explain}>{words}</p>
      <ProgressBar label={words} value={share} max={1} />
    </div>
  );
}

interface ChooserProps {
  file: File | null;
  disabled: boolean;
  onFile: (file: File) => void;
}

function Chooser({ file, disabled, onFile }: ChooserProps) {
  const input = useRef<HTMLInputElement>(null);
  const url = useMemo(() => (file === null ? null : URL.createObjectURL(file)), [file]);
  useEffect(
    () => () => {
      if (url !== null) URL.revokeObjectURL(url);
    },
    [url],
  );
  return (
    <div
      class={styles.chooser}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        const dropped = event.dataTransfer?.files[0];
        if (dropped && !disabled) onFile(dropped);
      }}
    >
      {url !== null && file !== null && <Preview url={url} isVideo={file.type.startsWith("video/")} />}
      <Button icon="image" disabled={disabled} onClick={() => input.current?.click()}>
        {t(file === null ? "choose" : "another")}
      </Button>
      <input
        ref={input}
        type="file"
        accept="image/*,video/*"
        hidden
        onChange={(event) => {
          const chosen = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (chosen) onFile(chosen);
        }}
      />
    </div>
  );
}

function Preview({ url, isVideo }: { url: string; isVideo: boolean }) {
  if (isVideo) return <video class={styles.preview} src={url} aria-label={t("preview")} muted controls playsInline />;
  return <img class={styles.preview} src={url} alt={t("preview")} />;
}
