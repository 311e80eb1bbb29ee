import { usePaged } from "@/lib/paged";
import { Button, EmptyState, List, Loaded } from "@/ui";

import { listDocuments } from "../model/api";
import { useTold } from "../model/document";
import page from "../page.module.css";
import { t as common } from "../words";
import { DocumentRow } from "./DocumentRow";
import { t } from "./words";

/** Everything one has begun, the newest first. */
export function DocumentList() {
  const found = usePaged(listDocuments);
  useTold(found.reload);
  const start = (
    <Button variant="primary" icon="plus" href="/app/documents/new">
      {t("start")}
    </Button>
  );
  return (
    <div class={`${page.page} ${page.narrow}`}>
      <header class={page.head}>
        <h1>{common("title")}</h1>
        {found.data !== null && found.data.length > 0 && start}
      </header>
      <p>{t("lead")}</p>
      <Loaded
        from={found}
        lines={5}
        empty={
          <EmptyState icon="file" title={t("empty")} action={start}>
            {t("emptyText")}
          </EmptyState>
        }
      >
        {(all) => (
          <List label={t("yours")}>
            {all.map((one) => (
              <DocumentRow key={one.id} document={one} onGone={() => found.change((rows) => rows.filter(({ id }) => id !== one.id))} />
            ))}
          </List>
        )}
      </Loaded>
    </div>
  );
}
