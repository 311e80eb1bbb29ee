import { useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

import { canHover, classes, Icon, isEnter, TextField } from "@/ui";

import { models } from "../model/catalogue";
import type { Model } from "../shapes";
import { kept } from "./kept";
import { ModelRow } from "./ModelRow";
import styles from "./panel.module.css";
import { moveInRows, typesText } from "./panelKeys";
import { t } from "./panelWords";
import { sectionsOf, type Section } from "./sections";

interface Props {
  /** The id of the model that answers now. */
  current: string;
  /** A model that ends soon begins no chat any more. */
  isNewChat: boolean;
  onChoose: (model: Model) => void;
}

/** The open menu: a field to search, and rows to choose from, with what a model is and costs. */
export function ModelPanel({ current, isNewChat, onChoose }: Props) {
  const query = useSignal("");
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const sections = sectionsOf(models.value, { kept: kept.value, query: query.value });

  useLayoutEffect(() => {
    const row = list.current?.querySelector<HTMLElement>("[aria-current]");
    row?.scrollIntoView({ block: "nearest" });
    // On a touch screen the keyboard would cover what one came to see.
    if (canHover()) field.current?.focus();
    else row?.focus();
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    if (moveInRows(event, { field: field.current, list: list.current })) return;
    if (event.target === field.current) {
      if (!isEnter(event)) return;
      // The focus goes back to the button that opened this: the same Enter must not press it, nor send the form.
      event.preventDefault();
      if (query.value.trim() !== "") list.current?.querySelector<HTMLElement>("[data-row]")?.click();
    } else if (typesText(event)) field.current?.focus();
  };
  return (
    <div class={styles.frame} onKeyDown={onKeyDown}>
      <div class={styles.search}>
        <TextField
          label={t("search")}
          hideLabel
          placeholder={t("search")}
          value={query.value}
          onValue={(value) => (query.value = value)}
          inputRef={field}
          spellcheck={false}
          autoComplete="off"
        />
      </div>
      <div ref={list} class={styles.list}>
        {sections.map((section) => (
          <Group key={section.kind + section.maker} section={section} current={current} isNewChat={isNewChat} onChoose={onChoose} />
        ))}
        {sections.length === 0 && <p class={styles.none} role="status">{t("noneFound", { query: query.value.trim() })}</p>}
      </div>
    </div>
  );
}

function Group({ section, ...rest }: { section: Section } & Props) {
  const id = useId();
  const open = useSignal(section.kind !== "more" || section.models.some((model) => model.id === rest.current));
  const count = section.models.length;
  const rows = useRef<HTMLUListElement>(null);
  const show = () => {
    open.value = true;
    // The button that had the focus is gone.
    requestAnimationFrame(() => rows.current?.querySelector<HTMLElement>("[data-row]")?.focus());
  };
  return (
    <section aria-labelledby={id}>
      <h3 id={id} class={styles.heading}>
        {titleOf(section)}
      </h3>
      {open.value ? (
        <ul ref={rows} class={styles.rows}>
          {section.models.map((model) => (
            <ModelRow key={model.id} model={model} {...rest} />
          ))}
        </ul>
      ) : (
        <button type="button" tabIndex={-1} data-row class={classes(styles.choose, styles.more)} onClick={show}>
          <Icon name="down" />
          {t("showMore", { count })}
        </button>
      )}
    </section>
  );
}

function titleOf({ kind, maker }: Section): string {
  return kind === "maker" ? maker || t("others") : t(kind);
}
