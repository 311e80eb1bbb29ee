import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { Skeleton } from "@/ui";

import { useMessenger } from "../context";
import type { ConversationShape } from "../model";
import { BroughtDetails } from "../timeline/Brought";
import { About } from "./About";
import { Danger } from "./Danger";
import styles from "./group.module.css";
import { Invites } from "./Invites";
import { MediaShelf } from "./MediaShelf";
import { Members } from "./Members";
import { Overview } from "./Overview";
import type { PanelPage } from "./pages";
import { Pins } from "./Pins";
import { PanelHead } from "./Section";
import { t } from "./words";

interface ConversationPanelProps {
  conversationId: string;
  onClose: () => void;
  /** Search this conversation. */
  onSearch: () => void;
  /** Show a message in the timeline, such as a pinned one. */
  onJump: (seq: number) => void;
  onOpened: (conversationId: string) => void;
}

/** Who and what a conversation is, and what can be done with it: a first page, and lists behind it. */
export function ConversationPanel(props: ConversationPanelProps) {
  const { conversationId, onClose } = props;
  const view = useMessenger().conversation(conversationId);
  const shape = view.conversation.value;
  const page = useSignal<PanelPage>("about");
  const room = useRef<HTMLDivElement>(null);

  useEffect(() => void (page.value = "about"), [conversationId, page]);
  // The heading of each page is where the reading begins.
  useEffect(() => room.current?.focus({ preventScroll: true }), [page.value]);

  const goBack = () => (page.value = "about");
  return (
    <div
      ref={room}
      class={styles.panel}
      role="region"
      aria-label={titleOf(page.value, shape)}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.stopPropagation();
        if (page.value === "about") onClose();
        else goBack();
      }}
    >
      <PanelHead
        title={titleOf(page.value, shape)}
        onClose={onClose}
        onBack={page.value === "about" ? undefined : goBack}
      />
      <div class={styles.body}>
        {shape === null ? (
          <div class={styles.padded}>
            <Skeleton lines={6} />
          </div>
        ) : (
          <PanelBody {...props} page={page.value} shape={shape} onPage={(next) => (page.value = next)} />
        )}
      </div>
    </div>
  );
}

interface BodyProps extends ConversationPanelProps {
  page: PanelPage;
  shape: ConversationShape;
  onPage: (page: PanelPage) => void;
}

function PanelBody({ page, shape, onPage, onClose, onSearch, onJump, onOpened }: BodyProps) {
  const isAdmin = shape.type === "group" && shape.role === "admin";
  switch (page) {
    case "members":
      return <Members shape={shape} onOpened={onOpened} />;
    case "pins":
      return <Pins shape={shape} onJump={onJump} />;
    case "media":
      return <MediaShelf conversationId={shape.id} onJump={onJump} />;
    case "invites":
      return <Invites conversationId={shape.id} />;
    case "about":
      return (
        <>
          <About shape={shape} canEdit={isAdmin} />
          <Overview shape={shape} isAdmin={isAdmin} onPage={onPage} onSearch={onSearch} onJump={onJump}>
            <BroughtDetails conversation={shape} />
          </Overview>
          <Danger shape={shape} isAdmin={isAdmin} onDone={onClose} />
        </>
      );
  }
}

function titleOf(page: PanelPage, shape: ConversationShape | null): string {
  if (page !== "about") return t(page);
  if (shape?.type === "direct") return t("aboutPerson", { name: shape.name });
  return t("aboutGroup");
}

