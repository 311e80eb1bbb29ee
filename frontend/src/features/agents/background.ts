/** What a run asks of this person is said on every page, unless the page shows it. */
import { currentUser } from "@/lib/api";
import { hasModule } from "@/lib/config";
import { dictionary } from "@/lib/i18n";
import { subscribe } from "@/lib/realtime";
import type { AgentRunChanged } from "@/lib/realtime/events.gen";
import { navigate, path } from "@/lib/router";
import { toast } from "@/ui";

import { shownConversations } from "./model/shownConversations";

const t = dictionary({
  en: { asks: "An agent asks whether it may call {name}.", look: "Look" },
  uk: { asks: "Агент питає, чи можна викликати {name}.", look: "Переглянути" },
});

let started = false;

export function start(): void {
  if (started) return;
  started = true;
  subscribe("agent.run_changed", (frame) => tell(frame.payload as AgentRunChanged));
}

function tell({ run_id: runId, agent_id: agentId, conversation_id: conversationId, approval }: AgentRunChanged): void {
  const trace = `/app/agents/runs/${runId}`;
  if (approval === null || approval.asked_of.id !== currentUser.peek()?.id) return;
  const isShown =
    conversationId === null ? path.peek() === `/app/agents/${agentId}` : shownConversations.has(conversationId);
  if (isShown || path.peek() === trace) return;
  // Its owner may be asked about a conversation they are not in; the run shows the same card.
  const isMine = conversationId !== null && hasModule("messenger") && approval.why !== "owner_asks";
  const go = () => navigate(isMine ? `/app/messages/${conversationId}` : trace);
  toast(t("asks", { name: approval.name }), { action: { label: t("look"), onSelect: go } });
}
