import type { Signal } from "@preact/signals";

import { Button } from "@/ui";

import page from "../page.module.css";
import type { Section } from "../shapes";
import { t } from "./words";

interface Props {
  section: Section;
  shows: Signal<"text" | "edit" | "style">;
  /** Something is being written: nothing else can be begun. */
  isBusy: boolean;
}

/** What can be done with a section that is written. */
export function SectionTools({ section, shows, isBusy }: Props) {
  const isStyle = shows.value === "style";
  return (
    <div class={page.buttons}>
      <Button icon="edit" disabled={isBusy} onClick={() => (shows.value = "edit")}>
        {t("edit")}
      </Button>
      {section.styled !== null && (
        <Button variant="ghost" icon="palette" aria-pressed={isStyle} onClick={() => (shows.value = isStyle ? "text" : "style")}>
          {t(isStyle ? "hideStyle" : "style")}
        </Button>
      )}
    </div>
  );
}
