import { useEffect, useState } from "preact/hooks";

import { toAsk, toSend, withFiles } from "@/lib/bridge";
import { hasModule } from "@/lib/config";
import { navigate, query } from "@/lib/router";
import { forgetShared, readShared } from "@/lib/shared";
import type { Shared } from "@/lib/shared";
import { Button, EmptyState, Skeleton } from "@/ui";

import styles from "./device.module.css";
import { t } from "./words";

/** Where what another app shared shall go: to people, or into a new chat with a model. */
export default function SharePage() {
  const [shared, setShared] = useState<Shared | null | "nothing">(null);
  useEffect(() => {
    readShared().then(
      (found) => setShared(found ?? "nothing"),
      () => setShared("nothing"),
    );
  }, []);
  if (shared === null) return <Skeleton lines={4} />;
  if (query.value.has("failed")) {
    return (
      <EmptyState icon="file" title={t("shareFailed")} action={<Button href="/app">{t("toStart")}</Button>}>
        {t("shareFailedText")}
      </EmptyState>
    );
  }
  if (shared === "nothing") {
    return (
      <EmptyState icon="file" title={t("nothingShared")} action={<Button href="/app">{t("toStart")}</Button>}>
        {t("nothingSharedText")}
      </EmptyState>
    );
  }
  return <Choice shared={shared} onDone={() => setShared("nothing")} />;
}

function Choice({ shared: { text, files }, onDone }: { shared: Shared; onDone: () => void }) {
  const drop = () => {
    void forgetShared();
    onDone();
  };
  const take = () => {
    withFiles.value = { files, taken: drop };
  };
  const send = () => {
    take();
    toSend.value = text;
  };
  const ask = () => {
    take();
    toAsk.value = text;
    navigate("/app/chat");
  };
  return (
    <section class={styles.share}>
      <h1>{t("shared")}</h1>
      <p>{t("sharedFrom")}</p>
      {text !== "" && (
        <p class={styles.sharedText} dir="auto">
          {text}
        </p>
      )}
      {files.length > 0 && (
        <ul class={styles.sharedFiles} aria-label={t("sharedFiles")}>
          {files.map((file, index) => (
            <li key={index}>
              <Preview file={file} />
            </li>
          ))}
        </ul>
      )}
      <div class={styles.shareWays}>
        {hasModule("messenger") && (
          <Button variant="primary" icon="messages" onClick={send}>
            {t("toPeople")}
          </Button>
        )}
        {hasModule("aichat") && (
          <Button icon="chat" onClick={ask}>
            {t("toModel")}
          </Button>
        )}
        <Button variant="ghost" icon="trash" onClick={drop}>
          {t("dropShared")}
        </Button>
      </div>
    </section>
  );
}

function Preview({ file }: { file: File }) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!file.type.startsWith("image/")) return undefined;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return url === null ? <span>{file.name}</span> : <img src={url} alt={file.name} />;
}
