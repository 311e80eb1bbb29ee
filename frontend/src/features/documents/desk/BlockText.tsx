import type { ComponentChildren } from "preact";
import { Fragment } from "preact";

import type { Block, Mark, Sentence } from "../shapes";
import styles from "./desk.module.css";
import { t } from "./words";

interface Props {
  blocks: readonly Block[];
  /** How a citation is shown. */
  chip: (mark: Mark) => ComponentChildren;
}

/** The text of a section, as it is read. */
export function BlockText({ blocks, chip }: Props) {
  return (
    <div class={styles.text}>
      {blocks.map((block, index) => (
        <OneBlock key={index} block={block} chip={chip} />
      ))}
    </div>
  );
}

function OneBlock({ block, chip }: { block: Block; chip: Props["chip"] }) {
  switch (block.kind) {
    case "paragraph":
      return (
        <p dir="auto">
          <Sentences sentences={block.s} chip={chip} />
        </p>
      );
    case "heading":
      return block.level <= 2 ? <h3 dir="auto">{block.t}</h3> : <h4 dir="auto">{block.t}</h4>;
    case "list": {
      const items = block.items.map((item, index) => (
        <li key={index} dir="auto">
          <Sentences sentences={item} chip={chip} />
        </li>
      ));
      return block.ordered === true ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    case "table":
      return <Table block={block} />;
  }
}

function Sentences({ sentences, chip }: { sentences: readonly Sentence[]; chip: Props["chip"] }) {
  return (
    <>
      {sentences.map(({ t: text, c = [], note = "" }, index) => (
        <Fragment key={index}>
          {text}
          {c.map((mark) => (
            <Fragment key={mark.n}>{chip(mark)}</Fragment>
          ))}
          {note !== "" && <span class={styles.note}> [{t("note", { text: note })}]</span>}{" "}
        </Fragment>
      ))}
    </>
  );
}

function Table({ block: { caption = "", header, rows } }: { block: Extract<Block, { kind: "table" }> }) {
  return (
    <div class={styles.scroll} tabIndex={0} role="group" aria-label={caption === "" ? t("table") : caption}>
      <table class={styles.table}>
        {caption !== "" && <caption dir="auto">{caption}</caption>}
        <thead>
          <tr>
            {header.map((cell, index) => (
              <th key={index} scope="col" dir="auto">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} dir="auto">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
