import { useCallback } from "preact/hooks";

import { currentUser } from "@/lib/api";
import { useResource } from "@/lib/resource";
import { Select } from "@/ui";

import type { Person } from "../model";
import { listContacts, listParticipants } from "../model/api";
import { DayField } from "./DayField";
import { daysFit } from "./filters";
import type { Filters } from "./filters";
import styles from "./search.module.css";
import { t } from "./words";

const TYPES = ["text", "image", "video", "audio", "file"] as const;

interface FilterFieldsProps {
  filters: Filters;
  conversationId: string | null;
  onChange: (filters: Filters) => void;
}

export function FilterFields({ filters, conversationId, onChange }: FilterFieldsProps) {
  const people = usePeople(conversationId);
  const wrong = daysFit(filters) ? null : t("wrongDays");
  const set = (part: Partial<Filters>) => onChange({ ...filters, ...part });
  return (
    <div class={styles.fields}>
      <Select
        label={t("from")}
        value={filters.from}
        onValue={(from) => set({ from })}
        options={[
          { value: "", label: t("anybody") },
          ...people.map((person) => ({ value: person.id, label: person.name })),
        ]}
      />
      <Select
        label={t("type")}
        value={filters.type}
        onValue={(value) => set({ type: TYPES.find((type) => type === value) ?? "" })}
        options={[{ value: "", label: t("anyType") }, ...TYPES.map((type) => ({ value: type, label: t(type) }))]}
      />
      <DayField label={t("after")} value={filters.after} onValue={(after) => set({ after })} />
      <DayField label={t("before")} value={filters.before} onValue={(before) => set({ before })} error={wrong} />
    </div>
  );
}

/** Oneself, and the members of the conversation or those one talks to. Without them the filter is merely shorter. */
function usePeople(conversationId: string | null): { id: string; name: string }[] {
  const load = useCallback(
    async (signal: AbortSignal): Promise<Person[]> => {
      if (conversationId === null) return (await listContacts(signal)).results.map((contact) => contact.user);
      return (await listParticipants(conversationId, "", signal)).results.map((participant) => participant.user);
    },
    [conversationId],
  );
  const me = currentUser.value;
  const others = (useResource(load).data ?? []).filter((person) => person.id !== me?.id);
  return me === null ? others : [{ id: me.id, name: t("me") }, ...others];
}
