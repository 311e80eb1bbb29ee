import { api } from "@/lib/api";
import type { UploadedFile } from "@/lib/api";
import { fileSize } from "@/lib/fileSize";
import { Icon } from "@/ui";

import styles from "./message.module.css";

export function FileList({ files }: { files: readonly UploadedFile[] }) {
  return (
    <ul class={styles.files}>
      {files.map((file) => (
        <li key={file.id}>
          <a
            class={file.kind === "image" ? styles.picture : undefined}
            href={file.url}
            target="_blank"
            rel="noopener"
            onClick={(event) => openFresh(event, file)}
          >
            {file.kind === "image" ? (
              <img
                src={file.url}
                alt={file.name}
                width={file.width ?? 160}
                height={file.height ?? 120}
                loading="lazy"
              />
            ) : (
              <>
                <Icon name="file" />
                <span>{file.name}</span>
                <small>{fileSize(file.size)}</small>
              </>
            )}
          </a>
        </li>
      ))}
    </ul>
  );
}

/** The signed link in the page may have run out since the chat was opened, so a fresh one is fetched first. */
async function openFresh(event: MouseEvent, file: UploadedFile): Promise<void> {
  event.preventDefault();
  // Opened at once, within the press, or the browser takes it for a pop-up.
  const tab = window.open("about:blank", "_blank");
  const fresh = await api.get("/api/files/{file_id}", { path: { file_id: file.id } }).catch(() => file);
  if (tab === null) return;
  tab.opener = null;
  tab.location.href = fresh.url;
}
