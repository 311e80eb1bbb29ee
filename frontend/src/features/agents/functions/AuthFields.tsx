import { useSignal } from "@preact/signals";

import { copyText } from "@/lib/clipboard";
import { formatDate } from "@/lib/i18n";
import { Button, PasswordField, Select, TextField, toast } from "@/ui";

import { rotateSecret } from "../model/api";
import type { AgentFunction, AuthKind } from "../shapes";
import { agentErrorText } from "../words/problems";
import { t } from "./editorWords";
import type { FieldsProps } from "./fields";
import styles from "./functions.module.css";

interface Props extends FieldsProps {
  agentId: string;
  onReload: () => void;
}

/** How a call says who it is from. Secrets are written and never read. */
export function AuthFields({ agentId, form, row, errors, onReload }: Props) {
  const { type, authKind, authName, secret, url } = form.value;
  // A webhook always signs, unless it says who it is from in another way.
  const kinds: AuthKind[] = type === "webhook" ? ["hmac", "bearer", "basic", "header"] : ["none", "bearer", "basic", "header", "hmac"];
  const hasMoved = row !== null && row.auth_config.secret_last4 !== null && hostOf(url) !== row.host;
  const kept = row?.auth_config.kind === authKind && !hasMoved ? row.auth_config.secret_last4 : null;
  return (
    <fieldset class={styles.group}>
      <legend>{t("auth")}</legend>
      <Select
        label={t("auth")}
        hideLabel
        value={authKind}
        options={kinds.map((value) => ({ value, label: t(value === "header" ? "headerAuth" : value) }))}
        onValue={(value) => (form.value = { ...form.peek(), authKind: value as AuthKind, secret: "", authName: "" })}
      />
      {(authKind === "header" || authKind === "basic") && (
        <TextField
          label={t(authKind === "header" ? "headerName" : "userName")}
          error={errors.authName}
          value={authName}
          spellcheck={false}
          autoCapitalize="off"
          autoComplete="off"
          onValue={(value) => (form.value = { ...form.peek(), authName: value })}
        />
      )}
      {authKind === "hmac" && <Signing agentId={agentId} row={row} last4={kept} onReload={onReload} />}
      {authKind !== "none" && authKind !== "hmac" && (
        <PasswordField
          label={t("secret")}
          hint={hasMoved ? t("hostMoves") : kept === null ? t("secretHint") : t("secretKept", { last4: shortLast4(kept) })}
          error={errors.secret}
          value={secret}
          revealLabel={t("reveal")}
          autoComplete="new-password"
          onValue={(value) => (form.value = { ...form.peek(), secret: value })}
        />
      )}
    </fieldset>
  );
}

interface SigningProps {
  agentId: string;
  row: AgentFunction | null;
  last4: string | null;
  onReload: () => void;
}

/** The secret of a signature is ours: a new one is told once, for the other side to know. */
function Signing({ agentId, row, last4, onReload }: SigningProps) {
  const fresh = useSignal<{ secret: string; until: string | null } | null>(null);
  const isBusy = useSignal(false);
  if (row === null || last4 === null) return <p class={styles.dim}>{t("willSign")}</p>;

  const rotate = async () => {
    isBusy.value = true;
    try {
      const { secret, both_until: until } = await rotateSecret(agentId, row.id);
      fresh.value = { secret, until };
      onReload();
    } catch (error) {
      toast(agentErrorText(error), { tone: "danger" });
    } finally {
      isBusy.value = false;
    }
  };
  const copyFlow = async () => {
    const { n8nFlow } = await import("./n8nFlow");
    const secret = fresh.peek()?.secret;
    await copy(n8nFlow(row, secret), t(secret === undefined ? "flowNeedsSecret" : "flowCopied"));
  };
  return (
    <>
      <p>{t("signed", { last4: shortLast4(last4) })}</p>
      {fresh.value !== null && (
        <div role="status">
          <pre class={styles.code}>{fresh.value.secret}</pre>
          <p class={styles.dim}>
            {fresh.value.until === null
              ? t("rotatedPlain")
              : t("rotated", { until: formatDate(fresh.value.until, { dateStyle: "short", timeStyle: "short" }) })}
          </p>
        </div>
      )}
      <div class={styles.line}>
        {fresh.value === null ? (
          <Button icon="refresh" loading={isBusy.value} onClick={() => void rotate()}>
            {t("rotate")}
          </Button>
        ) : (
          <Button icon="copy" onClick={() => void copy(fresh.peek()?.secret ?? "", t("copied"))}>
            {t("copySecret")}
          </Button>
        )}
        {row.function_type === "webhook" && (
          <Button icon="copy" onClick={() => void copyFlow().catch(() => undefined)}>
            {t("copyFlow")}
          </Button>
        )}
      </div>
    </>
  );
}

async function copy(text: string, done: string): Promise<void> {
  const isCopied = await copyText(text);
  toast(isCopied ? done : t("notCopied"), { tone: isCopied ? "success" : "danger" });
}

/** The server may have put the dots already. */
function shortLast4(last4: string): string {
  return last4.replace(/^…/, "");
}

function hostOf(url: string): string | null {
  try {
    return new URL(url).hostname || null;
  } catch {
    return null;
  }
}
