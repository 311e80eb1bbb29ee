import type { UploadedFile } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { classes, Icon, IconButton, Menu, ProgressBar, toast } from "@/ui";

import type { Encoding } from "../shapes";
import { t } from "../words";
import styles from "./composer.module.css";
import { ENCODINGS } from "./encodings";
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
          {upload.file !== null && upload.file.encoding !== "" && (
            <Guess file={upload.file} onChoose={(encoding, file) => uploads.readAs(upload.key, file, encoding)} />
          )}
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

interface GuessProps {
  file: UploadedFile;
  onChoose: (encoding: Encoding, file: UploadedFile) => Promise<void>;
}

/** A text that was no Unicode: what it was taken for, which may be wrong, and the others in one step. */
function Guess({ file, onChoose }: GuessProps) {
  const items = ENCODINGS.map((encoding) => ({
    label: encoding,
    checked: encoding === file.encoding,
    onSelect: () => {
      onChoose(encoding, file).catch((error: unknown) => toast(errorText(error), { tone: "danger" }));
    },
  }));
  return <Menu label={t("readAs")} trigger={file.encoding} items={items} />;
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
