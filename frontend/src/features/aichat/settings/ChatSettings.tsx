import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api } from "@/lib/api";
import type { Schemas } from "@/lib/api";
import { limit } from "@/lib/config";
import { errorText } from "@/lib/errorText";
import { codePoints } from "@/lib/growingText";
import { useResource } from "@/lib/resource";
import { Button, Card, Loaded, TextArea, toast } from "@/ui";

import { allShares } from "../sharing/api";
import { ShareList } from "../sharing/ShareList";
import { ImportCard } from "./ImportCard";
import styles from "./settings.module.css";
import { t } from "./words";

const PREFERENCES = "/api/chats/preferences";

/** What holds for all chats, which of them can be read by a link, and the way in for those from elsewhere. */
export default function ChatSettings() {
  const shares = useResource(allShares);
  return (
    <div class={styles.sections}>
      <InstructionsCard />
      <ImportCard />
      {/* The last, so that nothing moves when they are there. */}
      <Card title={t("links")}>
        <ShareList shares={shares} withTitles />
      </Card>
    </div>
  );
}

function loadInstructions(signal: AbortSignal): Promise<Schemas["ChatInstructions"]> {
  return api.get(PREFERENCES, { signal });
}

function InstructionsCard() {
  const stored = useResource(loadInstructions);
  return (
    <Card title={t("instructions")}>
      <div class={styles.room}>
        <Loaded from={stored} lines={8} failed={t("failed")}>
          {({ instructions }) => <Instructions stored={instructions} onSaved={stored.set} />}
        </Loaded>
      </div>
    </Card>
  );
}

interface InstructionsProps {
  stored: string;
  onSaved: (saved: Schemas["ChatInstructions"]) => void;
}

function Instructions({ stored, onSaved }: InstructionsProps) {
  const typed = useSignal(stored);
  const saving = useSignal(false);
  const excess = codePoints(typed.value) - limit("max_instructions_chars");
  useEffect(() => void (typed.value = stored), [stored, typed]);

  const save = async () => {
    saving.value = true;
    try {
      onSaved(await api.put(PREFERENCES, { body: { instructions: typed.value.trim() } }));
      toast(t("saved"), { tone: "success" });
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
    } finally {
      saving.value = false;
    }
  };
  return (
    <form
      class={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextArea
        label={t("instructions")}
        hideLabel
        hint={t("instructionsHint")}
        error={excess > 0 ? t("tooLong", { count: excess }) : null}
        value={typed.value}
        onValue={(value) => (typed.value = value)}
        rows={6}
      />
      <Button variant="primary" type="submit" loading={saving.value} disabled={excess > 0 || typed.value.trim() === stored}>
        {t("save")}
      </Button>
    </form>
  );
}
