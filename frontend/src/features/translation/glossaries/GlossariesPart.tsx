import { useSignal } from "@preact/signals";

import { errorText } from "@/lib/errorText";
import { usePaged } from "@/lib/paged";
import { Button, ConfirmDialog, EmptyState, Icon, List, ListItem, Loaded, Menu, toast } from "@/ui";

import { deleteGlossary, listGlossaries } from "../model/api";
import { languageName } from "../model/languages";
import styles from "../page.module.css";
import type { Glossary } from "../shapes";
import { t as common } from "../words";
import { GlossaryDialog } from "./GlossaryDialog";
import { t } from "./words";

/** The glossaries one has, each for a pair of languages. */
export function GlossariesPart() {
  const glossaries = usePaged(listGlossaries);
  const open = useSignal<Glossary | "new" | null>(null);
  const make = (
    <Button variant="primary" icon="plus" onClick={() => (open.value = "new")}>
      {t("make")}
    </Button>
  );
  return (
    <section class={styles.section} aria-labelledby="glossaries">
      <div class={styles.head}>
        <h2 id="glossaries">{t("title")}</h2>
        {glossaries.data?.length !== 0 && make}
      </div>
      <p>{t("lead")}</p>
      <Loaded
        from={glossaries}
        empty={
          <EmptyState icon="copy" title={t("empty")} action={make}>
            {t("emptyText")}
          </EmptyState>
        }
      >
        {(all) => (
          <List label={t("title")}>
            {all.map((one) => (
              <GlossaryRow key={one.id} glossary={one} onOpen={() => (open.value = one)} onGone={glossaries.reload} />
            ))}
          </List>
        )}
      </Loaded>
      {open.value !== null && (
        <GlossaryDialog
          glossary={open.value === "new" ? null : open.value}
          onClose={() => (open.value = null)}
          onSaved={() => {
            open.value = null;
            toast(t("saved"), { tone: "success" });
            glossaries.reload();
          }}
        />
      )}
    </section>
  );
}

function GlossaryRow({ glossary, onOpen, onGone }: { glossary: Glossary; onOpen: () => void; onGone: () => void }) {
  const isDeleting = useSignal(false);
  const { id, name, source_lang: from, target_lang: to, entry_count: count } = glossary;
  return (
    <>
      <ListItem
        actions={
          <Menu
            label={t("actions", { name })}
            items={[
              { label: t("edit"), icon: "edit", onSelect: onOpen },
              { label: common("delete"), icon: "trash", danger: true, onSelect: () => (isDeleting.value = true) },
            ]}
          />
        }
      >
        <span class={styles.row}>
          <Icon name="copy" />
          <span class={styles.words}>
            <strong class={styles.name} dir="auto">
              {name}
            </strong>
            <span class={styles.dim}>
              {common("pair", { from: languageName(from), to: languageName(to) })} · {t("entries", { count })}
            </span>
          </span>
        </span>
      </ListItem>
      {isDeleting.value && (
        <ConfirmDialog
          open
          danger
          title={t("deleteTitle", { name })}
          confirmLabel={common("delete")}
          onClose={() => (isDeleting.value = false)}
          onConfirm={async () => {
            try {
              await deleteGlossary(id);
              toast(common("deleted"));
              onGone();
            } catch (error) {
              toast(errorText(error), { tone: "danger" });
            }
            isDeleting.value = false;
          }}
        >
          <p>{t("deleteText")}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
