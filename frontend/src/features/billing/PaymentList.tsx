import { useState } from "preact/hooks";

import type { Page, Payment } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { formatDate } from "@/lib/i18n";
import { useResource } from "@/lib/resource";
import { Alert, Badge, Button, EmptyState, List, ListItem, Skeleton, toast } from "@/ui";

import { loadPayments } from "./api";
import styles from "./billing.module.css";
import { money } from "./money";
import { paymentStatus, t } from "./words";

const load = (signal: AbortSignal): Promise<Page<Payment>> => loadPayments(signal);

/** What was paid, the newest first, with the invoices. */
export function PaymentList() {
  const { data, error, reload, set } = useResource(load);
  const [busy, setBusy] = useState(false);

  const more = async (next: string) => {
    if (data === null) return;
    setBusy(true);
    try {
      const page = await loadPayments(undefined, next);
      set({ ...page, results: [...data.results, ...page.results] });
    } catch (failure) {
      toast(errorText(failure), { tone: "danger" });
    }
    setBusy(false);
  };

  return (
    <section class={styles.section} aria-labelledby="payments">
      <h2 id="payments">{t("payments")}</h2>
      {error !== null && (
        <Alert tone="danger" title={t("failed")} action={<Button onClick={reload}>{t("tryAgain")}</Button>}>
          {errorText(error)}
        </Alert>
      )}
      {data === null && error === null && <Skeleton lines={3} />}
      {data?.results.length === 0 && (
        <EmptyState icon="file" title={t("noPayments")}>
          {t("noPaymentsText")}
        </EmptyState>
      )}
      {data !== null && data.results.length > 0 && (
        <List label={t("payments")}>
          {data.results.map((payment) => (
            <PaymentRow key={payment.id} payment={payment} />
          ))}
        </List>
      )}
      {typeof data?.next === "string" && (
        <Button loading={busy} onClick={() => void more(data.next ?? "")}>
          {t("more")}
        </Button>
      )}
    </section>
  );
}

const TONES: Record<string, "cyan" | "pink"> = { succeeded: "cyan", failed: "pink", disputed: "pink" };

function PaymentRow({ payment }: { payment: Payment }) {
  const date = formatDate(payment.created_at);
  const invoice = payment.invoice_url !== "" && (
    <a href={payment.invoice_url} target="_blank" rel="noopener">
      {t("invoice", { date })}
    </a>
  );
  const refunded =
    payment.refunded_amount > 0 ? t("refunded", { amount: money(payment.refunded_amount, payment.currency) }) : null;
  return (
    <ListItem actions={invoice}>
      <div class={styles.payment}>
        <strong>{money(payment.amount, payment.currency)}</strong>
        <Badge tone={TONES[payment.status] ?? "plain"}>{paymentStatus(payment.status)}</Badge>
      </div>
      <div class={styles.dim}>{[purposeText(payment), date, refunded].filter(Boolean).join(" · ")}</div>
    </ListItem>
  );
}

function purposeText({ purpose }: Payment): string {
  if (purpose === "subscription" || purpose === "document") return t(`purpose_${purpose}`);
  return t("purpose_other");
}
