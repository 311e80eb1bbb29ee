import { useMemo } from "preact/hooks";

import { qrCode } from "@/lib/qr/code";
import { Alert, Dialog } from "@/ui";

import styles from "./group.module.css";
import { t } from "./words";

/** Modules of light around a code, by which a camera finds it. */
const QUIET = 4;

interface Props {
  address: string;
  onClose: () => void;
}

/** An invitation for somebody who sits beside one: their camera takes them to it. */
export function InviteCode({ address, onClose }: Props) {
  const modules = useMemo(() => qrCode(address), [address]);
  return (
    <Dialog open onClose={onClose} title={t("qrTitle")}>
      {modules === null ? (
        <Alert title={t("qrTooLong")} />
      ) : (
        <>
          <svg
            class={styles.code}
            role="img"
            aria-label={t("qrLabel")}
            viewBox={`${-QUIET} ${-QUIET} ${modules.length + 2 * QUIET} ${modules.length + 2 * QUIET}`}
            shape-rendering="crispEdges"
          >
            <path fill="#000" d={modules.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("")} />
          </svg>
          <p>{t("qrHint")}</p>
        </>
      )}
      <code class={styles.link}>{address}</code>
    </Dialog>
  );
}
