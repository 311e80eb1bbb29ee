import { useEffect, useState } from "preact/hooks";

import { clock, useCountdown } from "@/lib/countdown";
import { online } from "@/lib/online";
import { classes, Icon } from "@/ui";

import { useMessenger } from "../context";
import type { Connection } from "../model";
import styles from "./list.module.css";
import { t } from "./words";

/** A change of network that is over at once should not flash. */
const PATIENCE_MS = 1_000;

/** How the line to the server is; says nothing while all is well. */
export function ConnectionBar() {
  const messenger = useMessenger();
  const connection = messenger.connection.value;
  const isDown = useLasting(connection.state !== "live");
  const isUnkept = useLasting(messenger.isUnkept.value);
  const left = useCountdown(connection.state === "offline" ? connection.retryAt : null);
  // That there is no network at all the shell says, for every page.
  const isShown = connection.state === "ended" || (connection.state !== "live" && isDown && online.value);
  return (
    <div class={styles.line}>
      <div class={classes(styles.connection, isShown && styles[`connection_${connection.state}`])}>
        {/* The countdown stands outside: nobody wants to hear each second. */}
        <p role="status">{isShown && sentence(connection)}</p>
        {isUnkept && <p role="alert">{t("unkept")}</p>}
        {isShown && connection.state === "offline" && (
          <>
            {left > 0 && <span>{t("retryIn", { time: clock(left) })}</span>}
            <button type="button" onClick={() => messenger.connectNow()}>
              <Icon name="refresh" size="s" />
              {t("tryNow")}
            </button>
          </>
        )}
      </div>
    </div>
  );
}

/** Whether it has been so for a while. */
function useLasting(isSo: boolean): boolean {
  const [isLasting, setLasting] = useState(false);
  useEffect(() => {
    if (!isSo) {
      setLasting(false);
      return;
    }
    const timer = setTimeout(() => setLasting(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isSo]);
  return isSo && isLasting;
}

function sentence(connection: Connection): string {
  switch (connection.state) {
    case "connecting":
      return t("connecting");
    case "catching-up":
      return t("catchingUp");
    case "offline":
      return t("offline");
    case "ended":
      return connection.sentence || t("ended");
    case "live":
      return "";
  }
}
