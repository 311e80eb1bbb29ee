import { useSignal } from "@preact/signals";

import { errorText } from "@/lib/errorText";
import { formatDate } from "@/lib/i18n";
import { Badge, ConfirmDialog, Icon, ListItem, Menu, toast } from "@/ui";

import { deleteTranslation } from "../model/api";
import { languageName } from "../model/languages";
import styles from "../page.module.css";
import type { Translation } from "../shapes";
import { costText, t as common } from "../words";
import { t } from "./words";

/** One of the history: it leads to where it is shown, and can be deleted. */
export function TranslationRow({ made, onGone }: { made: Translation; onGone: () => void }) {
  const isDeleting = useSignal(false);
  const { id, kind, status } = made;
  const name = nameOf(made);
  return (
    <>
      <ListItem
        href={kind === "document" ? `/app/translate/files/${id}` : `/app/translate?from=${id}`}
        actions={
          <Menu
            label={t("actions", { name })}
            items={[{ label: common("delete"), icon: "trash", danger: true, onSelect: () => (isDeleting.value = true) }]}
          />
        }
      >
        <span class={styles.row}>
          <Icon name={kind === "document" ? "file" : "edit"} />
          <span class={styles.words}>
            <strong class={styles.name} dir="auto">
              {name}
            </strong>
            <span class={styles.dim}>{facts(made)}</span>
            {status !== "completed" && (
              <span>
                <Badge tone={status === "failed" ? "pink" : "cyan"}>{t(status)}</Badge>
              </span>
            )}
          </span>
        </span>
      </ListItem>
      {isDeleting.value && (
        <ConfirmDialog
          open
          danger
          title={t("deleteTitle")}
          confirmLabel={common("delete")}
          onClose={() => (isDeleting.value = false)}
          onConfirm={async () => {
            try {
              await deleteTranslation(made);
              toast(common("deleted"));
              onGone();
            } catch (error) {
              toast(errorText(error), { tone: "danger" });
              isDeleting.value = false;
            }
          }}
        >
          <p>{t("deleteText")}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

/** A file's name, or how the text begins. */
function nameOf({ kind, name, source_start: start }: Translation): string {
  return (kind === "document" ? name : start) || t("text");
}

function facts({ source_lang: given, detected_lang: detected, target_lang: target, char_count: count, cost, currency, created_at: at }: Translation): string {
  const from = given || detected;
  return [
    from ? common("pair", { from: languageName(from), to: languageName(target) }) : languageName(target),
    common("characters", { count }),
    costText(cost, currency),
    formatDate(at, { dateStyle: "medium", timeStyle: "short" }),
  ].join(" · ");
}
