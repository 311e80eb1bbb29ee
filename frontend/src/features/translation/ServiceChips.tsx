import { useId } from "preact/hooks";

import { classes } from "@/ui";

import { price } from "./model/money";
import styles from "./chips.module.css";
import type { Service } from "./shapes";
import { t } from "./words";

interface Props {
  services: readonly Service[];
  chosen: Service;
  onChoose: (id: string) => void;
}

/** One of the services that are on: its name, its price, and below what the chosen one keeps. */
export function ServiceChips({ services, chosen, onChoose }: Props) {
  const name = useId();
  const offered = services.filter(({ is_on: isOn }) => isOn);
  return (
    <fieldset class={styles.services}>
      <legend class={styles.legend}>{t("services")}</legend>
      <div class={styles.chips}>
        {offered.map((service) => (
          <label key={service.id} class={classes(styles.chip, service.id === chosen.id && styles.chosen)}>
            <input
              type="radio"
              name={name}
              class="visually-hidden"
              checked={service.id === chosen.id}
              onChange={() => onChoose(service.id)}
            />
            <span class={styles.name}>{service.label}</span>
            <span class={styles.detail}>{rate(service)}</span>
          </label>
        ))}
      </div>
      <p class={styles.keeps}>{chosen.keeps_data}</p>
    </fieldset>
  );
}

function rate({ plan, price_per_1800_chars: each, currency }: Service): string {
  const cost = Number(each) === 0 ? t("free") : t("per", { price: price(each, currency) });
  return plan === "" ? cost : `${plan} · ${cost}`;
}
