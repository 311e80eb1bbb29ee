import { useSignal } from "@preact/signals";

import { errorText } from "@/lib/errorText";
import { Icon, Menu, toast } from "@/ui";
import type { MenuItem } from "@/ui";

import type { Conversation } from "../model/conversation";
import { chooseEffort, effortOf, modelOf } from "./choose";
import styles from "./models.module.css";
import { effortName, t } from "./words";

/** How hard the model thinks before it answers; nothing where it cannot be told. */
export function EffortMenu({ conversation }: { conversation: Conversation }) {
  /** Shown while the server is told. */
  const chosen = useSignal<string | null>(null);
  const model = modelOf(conversation);
  const current = chosen.value ?? effortOf(conversation, model);
  if (model === undefined || model.efforts.length === 0) return null;
  const name = current === null ? t("effortUnset") : effortName(current);

  const choose = async (effort: string) => {
    chosen.value = effort;
    try {
      await chooseEffort(conversation, model, effort);
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
    } finally {
      chosen.value = null;
    }
  };
  const items = model.efforts.map((effort, index): MenuItem => ({
    label: effortName(effort),
    checked: effort === current,
    detail: detailOf(effort, { isUsual: effort === model.effort, isLast: index === model.efforts.length - 1 }),
    onSelect: () => void choose(effort),
  }));
  return (
    <span class={styles.effort}>
      <Menu
        label={t("effort", { name })}
        trigger={
          <span class={styles.modelName}>
            <span class={styles.effortWord}>{t("effortWord")}</span>
            <Icon name="bolt" size="s" />
            <span class={styles.effortName}>{name}</span>
          </span>
        }
        items={items}
      />
    </span>
  );
}

function detailOf(effort: string, { isUsual, isLast }: { isUsual: boolean; isLast: boolean }): string | undefined {
  if (isUsual) return t("usualEffort");
  if (effort === "none") return t("lessThought");
  return isLast ? t("moreThought") : undefined;
}
