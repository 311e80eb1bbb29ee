import { Button } from "@/ui";

import { asError } from "../model/fault";
import page from "../page.module.css";
import { Trouble } from "../Trouble";
import { ChunkGrid } from "./ChunkGrid";
import { Result } from "./Done";
import styles from "./files.module.css";
import { Review } from "./Review";
import type { StageProps } from "./stage";
import { t } from "./words";

/** Why, and what can be done: parts that failed are tried again; of what is there a file is kept, and says what is missing. */
export function Failed({ document, onChanged }: StageProps) {
  const { error, chunks, files } = document;
  const isInPart = chunks.some(({ state }) => state === "failed");
  return (
    <>
      <div class={styles.card}>
        {isInPart && <h3>{t("failedInPart")}</h3>}
        {error !== null && !isInPart && <Trouble title={t("failed")} error={asError(error)} />}
        <ChunkGrid document={document} onChanged={onChanged} canRetry />
        {files.result !== null && (
          <>
            <p class={page.dim}>{t("partly")}</p>
            <Result document={document} />
          </>
        )}
        <div class={styles.buttons}>
          <Button icon="file" href="/app/translate/files">
            {t("startAgain")}
          </Button>
        </div>
      </div>
      {files.result !== null && <Review document={document} onChanged={onChanged} />}
    </>
  );
}
