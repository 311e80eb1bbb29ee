import { useSignal } from "@preact/signals";

import { errorText } from "@/lib/errorText";
import { formatNumber } from "@/lib/i18n";
import { Badge, Menu, toast } from "@/ui";
import type { MenuItem } from "@/ui";

import { defaultModel, findModel, models } from "../model/catalogue";
import type { Conversation } from "../model/conversation";
import { tierName } from "../tierName";
import type { Model } from "../shapes";
import { t } from "../words";
import styles from "./composer.module.css";

export function ModelMenu({ conversation }: { conversation: Conversation }) {
  /** Shown while the server is told. */
  const chosen = useSignal<string | null>(null);
  const current = findModel(chosen.value ?? conversation.model.value) ?? defaultModel();
  if (current === undefined) return null;

  const choose = async (model: Model) => {
    chosen.value = model.id;
    try {
      await conversation.change({ model: model.id });
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
    } finally {
      chosen.value = null;
    }
  };
  const items = models.value.map((model): MenuItem => ({
    label: model.name,
    checked: model.id === current.id,
    disabled: !model.available,
    ...(!model.available && { icon: "lock" }),
    detail: <Details model={model} />,
    onSelect: () => void choose(model),
  }));
  const trigger = (
    <span class={styles.modelName}>
      {current.name}
      {current.is_demo && <Badge tone="pink">{t("demo")}</Badge>}
    </span>
  );
  return (
    <span class={styles.model}>
      <Menu label={t("model", { name: current.name })} trigger={trigger} items={items} />
    </span>
  );
}

function Details({ model }: { model: Model }) {
  return (
    <>
      {model.provider} · {price(model)} {model.is_demo && <Badge tone="pink">{t("demo")}</Badge>}
      {!model.available && <Badge tone="gold">{t("needsTier", { tier: tierName(model.min_tier) })}</Badge>}
    </>
  );
}

function price({ input_price: input, output_price: output }: Model): string {
  if (input === null || output === null) return t("free");
  return t("price", { input: dollars(input), output: dollars(output) });
}

function dollars(amount: string): string {
  return formatNumber(Number(amount), { minimumFractionDigits: 2 });
}
