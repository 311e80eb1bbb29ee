import { Icon, IconButton } from "@/ui";

import { fileSize } from "../parts/format";
import styles from "./composer.module.css";
import type { Attached, ComposerState } from "./state";
import { t } from "./words";

/** What will be sent, to be looked at first. */
export function FileTray({ state }: { state: ComposerState }) {
  const files = state.files.value;
  return (
    <div class={styles.tray}>
      <ul aria-label={t("files")}>
        {files.map((attached) => (
          <li key={attached.key}>
            <Preview attached={attached} />
            <span class={styles.trayText}>
              <span class={styles.trayName}>{attached.file.name}</span>
              <span class={styles.traySize}>{fileSize(attached.file.size)}</span>
            </span>
            <IconButton
              icon="close"
              label={t("removeFile", { name: attached.file.name })}
              onClick={() => state.removeFile(attached.key)}
            />
          </li>
        ))}
      </ul>
      {files.length > 1 && <p class={styles.trayNote}>{t("eachApart", { count: files.length })}</p>}
    </div>
  );
}

function Preview({ attached: { file, url } }: { attached: Attached }) {
  if (url === null) {
    return (
      <span class={styles.thumb}>
        <Icon name={file.type.startsWith("audio/") ? "play" : "file"} />
      </span>
    );
  }
  return (
    <span class={styles.thumb}>
      {file.type.startsWith("video/") ? <video src={url} muted preload="metadata" /> : <img src={url} alt="" />}
    </span>
  );
}
