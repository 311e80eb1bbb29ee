import { classes, Icon, IconButton, ProgressBar } from "@/ui";

import { t } from "../words";
import styles from "./composer.module.css";
import type { Upload, Uploads } from "./uploads";

export function UploadTray({ uploads }: { uploads: Uploads }) {
  if (uploads.list.value.length === 0) return null;
  return (
    <ul class={styles.tray}>
      {uploads.list.value.map((upload) => (
        <li key={upload.key} class={classes(styles.upload, upload.error !== null && styles.refused)}>
          <Icon
            name={upload.error === null ? (upload.file?.kind === "image" ? "image" : "file") : "warning"}
            size="s"
          />
          <UploadState upload={upload} />
          <IconButton
            icon="close"
            label={t("removeFile", { name: upload.name })}
            onClick={() => uploads.remove(upload.key)}
          />
        </li>
      ))}
    </ul>
  );
}

function UploadState({ upload: { name, error, file, progress, waiting } }: { upload: Upload }) {
  if (error !== null) {
    return (
      <span class={styles.uploadName} role="alert">
        {t("uploadFailed", { name, reason: error })}
      </span>
    );
  }
  return (
    <span class={styles.uploadName}>
      {name}
      {file === null && waiting.value && <span class={styles.uploadWaits}>{t("uploadWaits")}</span>}
      {file === null && !waiting.value && <ProgressBar value={progress.value} max={1} label={t("uploading", { name })} tone="cyan" />}
    </span>
  );
}
