import { useState } from "preact/hooks";

import { ApiError, api, updateUser } from "@/lib/api";
import type { User } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { telegramInitData } from "@/lib/telegram";
import { Badge, Button, ConfirmDialog, toast } from "@/ui";

import styles from "./settings.module.css";
import { t } from "./words";

/** The Telegram account that signs in as this user: linked from inside Telegram, unlinked from anywhere. */
export function TelegramRow({ user }: { user: User }) {
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const initData = telegramInitData();

  const attempt = async (work: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      toast(sentence(error), { tone: "danger" });
    } finally {
      setBusy(false);
    }
  };
  const link = (init_data: string) =>
    attempt(async () => updateUser((await api.post("/api/auth/telegram/link", { body: { init_data } })).user));
  const unlink = async () => {
    setAsking(false);
    await attempt(async () => {
      await api.delete("/api/auth/telegram");
      updateUser({ ...user, telegram: null });
    });
  };

  return (
    <section class={styles.sessions}>
      <h2>Telegram</h2>
      {user.telegram !== null && (
        <p class={styles.address}>
          {user.telegram.username === "" ? t("telegramLinked") : `@${user.telegram.username}`}
          <Badge tone="cyan">{t("telegramLinked")}</Badge>
        </p>
      )}
      {user.telegram === null && initData === null && <p class={styles.dim}>{t("telegramHow")}</p>}
      {user.telegram === null && initData !== null && (
        <Button variant="primary" loading={busy} onClick={() => link(initData)}>
          {t("telegramLink")}
        </Button>
      )}
      {user.telegram !== null && (
        <Button loading={busy} onClick={() => setAsking(true)}>
          {t("telegramUnlink")}
        </Button>
      )}
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t("telegramUnlinkTitle")}
        confirmLabel={t("telegramUnlink")}
        onConfirm={unlink}
      >
        {t("telegramUnlinkText")}
      </ConfirmDialog>
    </section>
  );
}

function sentence(error: unknown): string {
  if (error instanceof ApiError && error.code === "only_way_in") return t("telegramOnlyWay");
  if (error instanceof ApiError && error.code === "telegram_taken") return t("telegramTaken");
  return errorText(error);
}
