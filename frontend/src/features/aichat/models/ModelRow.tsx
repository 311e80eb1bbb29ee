import { useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

import { formatNumber } from "@/lib/i18n";
import { Badge, classes, Icon, IconButton } from "@/ui";

import { day, shortDay } from "../day";
import { findModel } from "../model/catalogue";
import { dollars, exactDollars, seesCosts } from "../money";
import type { Model, Price } from "../shapes";
import { tierName } from "../tierName";
import { kept, togglePinned } from "./kept";
import styles from "./panel.module.css";
import { t } from "./panelWords";
import { t as words } from "./words";

interface Props {
  model: Model;
  current: string;
  isNewChat: boolean;
  onChoose: (model: Model) => void;
}

/** One model: pressed it is chosen, or says what it takes to have it. */
export function ModelRow({ model, current, isNewChat, onChoose }: Props) {
  const id = useId();
  const isOpen = useSignal(false);
  const isPinned = kept.value.pinned.includes(model.id);
  const canChoose = model.available && (model.for_new_chats || !isNewChat);
  const toggle = () => (isOpen.value = !isOpen.value);
  const detail = useRef<HTMLDivElement>(null);
  const opened = isOpen.value;
  useLayoutEffect(() => {
    if (opened) detail.current?.scrollIntoView({ block: "nearest" });
  }, [opened]);
  return (
    <li>
      <div class={styles.row}>
        <button
          type="button"
          tabIndex={-1}
          data-row
          class={classes(styles.choose, !canChoose && styles.locked)}
          {...(model.id === current && { "aria-current": "true" })}
          {...(!canChoose && { "aria-expanded": opened, "aria-controls": id })}
          onClick={() => (canChoose ? onChoose(model) : toggle())}
        >
          {!model.available && <Icon name="lock" />}
          <span class={styles.words}>
            <span class={styles.name}>{model.name}</span>
            <span class={styles.quiet}>{[...traits(model), usualPrice(model)].filter((part) => part !== null).join(" · ")}</span>
          </span>
          <span class={styles.badges}>
            {model.is_demo && <Badge tone="pink">{words("demo")}</Badge>}
            {!model.available && <Badge tone="gold">{t("needsTier", { tier: tierName(model.min_tier) })}</Badge>}
            {model.until !== null && <Badge>{words("ends", { date: shortDay(model.until) })}</Badge>}
          </span>
        </button>
        <IconButton
          icon="star"
          label={t(isPinned ? "unpin" : "pin", { name: model.name })}
          pressed={isPinned}
          tabIndex={-1}
          onClick={() => togglePinned(model.id)}
        />
        <IconButton
          icon="info"
          label={t("details", { name: model.name })}
          aria-expanded={opened}
          aria-controls={id}
          tabIndex={-1}
          onClick={toggle}
        />
      </div>
      <div ref={detail} id={id} class={styles.detail} hidden={!opened}>
        {opened && <Detail model={model} isNewChat={isNewChat} />}
      </div>
    </li>
  );
}

function traits({ speed, sees }: Model): string[] {
  return [...(speed === "usual" ? [] : [t(speed)]), ...(sees.length > 0 ? [t("sees")] : [])];
}

function usualPrice({ typical_cost: cost }: Model): string | null {
  if (!seesCosts()) return null;
  if (cost === null) return t("unknownPrice");
  return Number(cost) === 0 ? t("free") : t("usual", { cost: dollars(cost) });
}

function Detail({ model, isNewChat }: { model: Model; isNewChat: boolean }) {
  const { price, next_price: next, context_window: input, max_output_tokens: output, until } = model;
  const heir = findModel(model.successor ?? undefined);
  return (
    <>
      <p>{t("by", { maker: model.maker || t("others"), provider: model.provider })}</p>
      <p>{t("context", { input: formatNumber(input), output: formatNumber(output) })}</p>
      {seesCosts() && price !== null && <ListPrice price={price} />}
      {seesCosts() && next !== null && <p>{t("nextPrice", { date: day(next.since), ...ratesOf(next.rates) })}</p>}
      {until !== null && heir === undefined && <p>{t("endsOn", { date: day(until) })}</p>}
      {until !== null && heir !== undefined && <p>{t("endsOnThen", { date: day(until), successor: heir.name })}</p>}
      {isNewChat && !model.for_new_chats && <p>{t("notNew")}</p>}
      {!model.available && (
        <p>
          {t("needsPlan", { tier: tierName(model.min_tier) })} <a href="/app/billing">{t("plans")}</a>
        </p>
      )}
    </>
  );
}

function ListPrice({ price: { rates, step, above } }: { price: Price }) {
  return (
    <>
      <p>{t("listPrice", ratesOf(rates))}</p>
      {Number(rates.cached) > 0 && rates.cached !== rates.input && <p>{t("cachedPrice", { cached: exactDollars(rates.cached) })}</p>}
      {step !== null && above !== null && <p>{t("stepPrice", { tokens: step, ...ratesOf(above) })}</p>}
    </>
  );
}

function ratesOf({ input, output }: Price["rates"]): { input: string; output: string } {
  return { input: exactDollars(input), output: exactDollars(output) };
}
