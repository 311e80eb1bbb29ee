import { useEffect, useState } from "preact/hooks";

import { errorText } from "@/lib/errorText";
import { formatDate } from "@/lib/i18n";
import { usePaged } from "@/lib/paged";
import { subscribe } from "@/lib/realtime";
import { query } from "@/lib/router";
import { Alert, Badge, Button, ConfirmDialog, EmptyState, List, ListItem, Loaded, ProgressBar, toast } from "@/ui";

import { cancelOrder, loadOrders, payOrder } from "./api";
import styles from "./billing.module.css";
import { money } from "./money";
import type { Order } from "./shapes";
import { t } from "./words";

/** What is paid by the piece. People come back here from the page of the payment service. */
export default function OrdersPage() {
  const orders = usePaged(loadOrders);
  const [asked, setAsked] = useState<Order | null>(null);
  const { reload, change } = orders;
  useEffect(() => subscribe("order.updated", reload), [reload]);

  const cancel = async (order: Order) => {
    try {
      const cancelled = await cancelOrder(order.id);
      change((rows) => rows.map((row) => (row.id === cancelled.id ? cancelled : row)));
      toast(t("orderCancelled"), { tone: "success" });
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
      reload();
    }
    setAsked(null);
  };

  const nothing = (
    <EmptyState icon="file" title={t("noOrders")}>
      {t("noOrdersText")}
    </EmptyState>
  );
  return (
    <div class={styles.page}>
      <header class={styles.section}>
        <h1>{t("orders")}</h1>
        <p class={styles.dim}>{t("ordersText")}</p>
      </header>
      <Loaded from={orders} empty={nothing}>
        {(rows) => (
          <>
            <Arrival order={rows.find(({ id }) => id === query.value.get("order"))} />
            <List label={t("orders")}>
              {rows.map((order) => (
                <OrderRow key={order.id} order={order} onCancel={() => setAsked(order)} />
              ))}
            </List>
          </>
        )}
      </Loaded>
      <ConfirmDialog
        open={asked !== null}
        onClose={() => setAsked(null)}
        title={t("orderCancelTitle", { title: asked?.title ?? "" })}
        confirmLabel={t("orderCancelYes")}
        cancelLabel={t("orderKeep")}
        danger
        onConfirm={() => (asked === null ? undefined : cancel(asked))}
      >
        {t("orderCancelText")}
      </ConfirmDialog>
    </div>
  );
}

/** Of the order one has just paid, or left: how it stands. It follows the order, which the event brings up to date. */
function Arrival({ order }: { order: Order | undefined }) {
  if (order === undefined) return null;
  if (order.state === "paid" || order.state === "done") {
    return (
      <Alert title={t("orderPaid")}>
        {t("orderPaidText", { title: order.title })}
      </Alert>
    );
  }
  if (order.state !== "open") return null;
  const left = query.value.get("checkout") === "cancelled";
  return <Alert title={t(left ? "orderLeft" : "orderWaits")}>{t(left ? "orderLeftText" : "orderWaitsText")}</Alert>;
}

const TONES = { open: "gold", paid: "cyan", done: "cyan", refunded: "pink", cancelled: "plain" } as const;

function OrderRow({ order, onCancel }: { order: Order; onCancel: () => void }) {
  const isOpen = order.state === "open";
  const hasBegun = order.paid_at !== null;
  const delivered = t("orderDelivered", { delivered: order.delivered, units: order.units });
  return (
    <ListItem
      actions={
        isOpen && (
          <>
            <PayButton order={order} />
            <Button variant="ghost" onClick={onCancel}>
              {t("orderCancel")}
            </Button>
          </>
        )
      }
    >
      <div class={styles.payment}>
        <strong dir="auto">{order.title}</strong>
        <Badge tone={TONES[order.state]}>{t(`order_${order.state}`)}</Badge>
      </div>
      <div class={styles.dim}>{facts(order, hasBegun ? delivered : null)}</div>
      {order.state === "paid" && (
        <ProgressBar value={order.delivered} max={order.units} label={t("orderProgress", { title: order.title })} />
      )}
    </ListItem>
  );
}

function facts(order: Order, delivered: string | null): string {
  const price = money(order.amount, order.currency);
  const until = order.state === "open" ? t("orderUntil", { date: formatDate(order.expires_at) }) : null;
  const refunded = order.refunded > 0 ? t("refunded", { amount: money(order.refunded, order.currency) }) : null;
  const onItsWay = order.rest - order.refunded;
  const goesBack = onItsWay > 0 ? t("orderGoesBack", { amount: money(onItsWay, order.currency) }) : null;
  return [price, formatDate(order.created_at), until, delivered, refunded, goesBack].filter(Boolean).join(" · ");
}

/** Leaves for the page where it is paid. */
function PayButton({ order }: { order: Order }) {
  const [busy, setBusy] = useState(false);
  const pay = async () => {
    setBusy(true);
    try {
      window.location.assign((await payOrder(order.id)).url);
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
      setBusy(false);
    }
  };
  return (
    <Button variant="primary" loading={busy} onClick={() => void pay()}>
      {t("orderPay", { amount: money(order.amount, order.currency) })}
    </Button>
  );
}
