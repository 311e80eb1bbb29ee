import { useSignal } from "@preact/signals";

import { errorText } from "@/lib/errorText";
import { formatDate } from "@/lib/i18n";
import { Badge, ConfirmDialog, Icon, ListItem, Menu, toast } from "@/ui";

import { deleteDocument } from "../model/api";
import { languageName } from "../model/languages";
import page from "../page.module.css";
import type { DocumentBrief, Status } from "../shapes";
import { t as common } from "../words";
import { t } from "./words";

const TONES = { draft: "plain", outline_generated: "cyan", generating: "cyan", paused: "gold", completed: "gold", failed: "pink" } as const satisfies Record<Status, string>;

/** One of the list: it leads to where it is written, and can be deleted. */
export function DocumentRow({ document, onGone }: { document: DocumentBrief; onGone: () => void }) {
  const isDeleting = useSignal(false);
  const { id, title, status, is_demo: isDemo } = document;
  return (
    <>
      <ListItem
        href={`/app/documents/${id}`}
        actions={
          <Menu
            label={t("actions", { name: title })}
            items={[{ label: common("delete"), icon: "trash", danger: true, onSelect: () => (isDeleting.value = true) }]}
          />
        }
      >
        <span class={page.row}>
          <Icon name="file" />
          <span class={page.words}>
            <strong class={page.name} dir="auto">
              {title}
            </strong>
            <span class={page.dim}>{facts(document)}</span>
            <span class={page.badges}>
              <Badge tone={TONES[status]}>{common(`status_${status}`)}</Badge>
              {isDemo && <Badge tone="pink">{common("demo")}</Badge>}
            </span>
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
              await deleteDocument(id);
              toast(t("deleted"));
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

function facts({ kind, language, pages, target_pages: planned, updated_at: at }: DocumentBrief): string {
  const length =
    pages > 0
      ? t("pagesOf", { pages: Math.ceil(pages), planned: common("pages", { count: planned }) })
      : t("planned", { pages: common("pages", { count: planned }) });
  return [common(`kind_${kind}`), languageName(language), length, t("changed", { date: formatDate(at, { dateStyle: "medium", timeStyle: "short" }) })].join(" · ");
}
