import { formatDate } from "@/lib/i18n";
import { usePaged } from "@/lib/paged";
import { Badge, EmptyState, List, ListItem, Loaded } from "@/ui";

import { loadPayments } from "./api";
import styles from "./billing.module.css";
import { money } from "./money";
import type { Payment } from "./shapes";
import { paymentStatus, t } from "./words";

/** What was paid, the newest first, with the invoices. */
export function PaymentList() {
  const nothing = (
    <EmptyState icon="file" title={t("noPayments")}>
      {t("noPaymentsText")}
    </EmptyState>
  );
  return (
    <section class={styles.section} aria-labelledby="payments">
      <h2 id="payments">{t("payments")}</h2>
      <Loaded from={usePaged(loadPayments)} empty={nothing}>
        {(payments) => (
          <List label={t("payments")}>
            {payments.map((payment) => (
              <PaymentRow key={payment.id} payment={payment} />
            ))}
          </List>
        )}
      </Loaded>
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
  if (purpose !== "other") return t(`purpose_${purpose}`);
  return t("purpose_other");
}
