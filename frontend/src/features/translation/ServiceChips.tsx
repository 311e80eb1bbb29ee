import { useId } from "preact/hooks";

import { classes } from "@/ui";

import { price } from "./model/money";
import styles from "./chips.module.css";
import { reasonText, serviceName } from "./serviceWords";
import type { Service } from "./shapes";
import { t } from "./words";

interface Props {
  services: readonly Service[];
  chosen: Service;
  onChoose: (id: string) => void;
}

/** One of the services that are on: its name, its price, and below what the chosen one keeps and why others are off. */
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
            <span class={styles.name}>{serviceName(service.id, service.label)}</span>
            <span class={styles.detail}>{rate(service)}</span>
          </label>
        ))}
      </div>
      <p class={styles.keeps}>{chosen.keeps_data}</p>
      <Off services={services.filter(({ is_on: isOn }) => !isOn)} />
    </fieldset>
  );
}

/** What could be had too, and what it lacks. */
function Off({ services }: Pick<Props, "services">) {
  if (services.length === 0) return null;
  return (
    <details class={styles.off}>
      <summary>{t("servicesOff", { count: services.length })}</summary>
      <ul>
        {services.map((service) => (
          <li key={service.id}>
            <strong>{serviceName(service.id, service.label)}</strong> ({rate(service)}): {reasonText(service)}
          </li>
        ))}
      </ul>
    </details>
  );
}

function rate({ id, plan, price_per_1800_chars: each, currency }: Service): string {
  const free = id === "llm" ? "byUse" : "free";
  const cost = Number(each) === 0 ? t(free) : t("per", { price: price(each, currency) });
  return plan === "" ? cost : `${plan} · ${cost}`;
}
