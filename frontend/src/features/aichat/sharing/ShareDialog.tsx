import { useSignal } from "@preact/signals";
import { useCallback } from "preact/hooks";

import { copyText } from "@/lib/clipboard";
import { errorText } from "@/lib/errorText";
import { useResource } from "@/lib/resource";
import { Alert, Button, Dialog, Switch, TextField, toast } from "@/ui";

import type { Chat } from "../shapes";
import { createShare, sharesOf } from "./api";
import { ShareList } from "./ShareList";
import styles from "./sharing.module.css";
import { t } from "./words";

/** A new link to a chat, and those that there are. */
export function ShareDialog({ chat, onClose }: { chat: Chat; onClose: () => void }) {
  const load = useCallback((signal: AbortSignal) => sharesOf(chat.id, signal), [chat.id]);
  const shares = useResource(load);
  const showsName = useSignal(false);
  const made = useSignal<string | null>(null);
  const busy = useSignal(false);
  const error = useSignal<unknown>(null);

  const create = async () => {
    busy.value = true;
    error.value = null;
    try {
      const { url, ...share } = await createShare(chat.id, showsName.value);
      made.value = url;
      if (shares.data !== null) shares.set({ ...shares.data, results: [share, ...shares.data.results] });
    } catch (reason) {
      error.value = reason;
    } finally {
      busy.value = false;
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("shareTitle", { title: chat.title || t("untitled") })}
      footer={<Button onClick={onClose}>{t("close")}</Button>}
    >
      <div class={styles.dialog}>
        <p>{t("shareText")}</p>
        <Switch
          label={t("showName")}
          hint={t("showNameHint")}
          checked={showsName.value}
          onChecked={(checked) => (showsName.value = checked)}
        />
        {error.value !== null && <Alert tone="danger" title={errorText(error.value)} />}
        <Button variant="primary" icon="link" full loading={busy.value} onClick={create}>
          {t("create")}
        </Button>
        {made.value !== null && <Made url={made.value} />}
        <h3>{t("links")}</h3>
        <ShareList shares={shares} withTitles={false} />
      </div>
    </Dialog>
  );
}

function Made({ url }: { url: string }) {
  const copy = async () => {
    const isCopied = await copyText(url);
    toast(t(isCopied ? "copied" : "copyFailed"), isCopied ? {} : { tone: "danger" });
  };
  return (
    <div class={styles.made}>
      <p role="status">{t("made")}</p>
      <TextField label={t("link")} value={url} onValue={() => undefined} />
      <Button icon="copy" full onClick={copy}>
        {t("copy")}
      </Button>
    </div>
  );
}
