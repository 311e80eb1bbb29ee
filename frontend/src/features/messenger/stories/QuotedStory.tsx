import { useSignal } from "@preact/signals";

import { useMessenger } from "../context";
import type { Spot } from "./order";
import { StoryViewer } from "./StoryViewer";

/** The story a message answers, and those around it. */
export function QuotedStory({ spot: first, onClose }: { spot: Spot; onClose: () => void }) {
  const messenger = useMessenger();
  const spot = useSignal(first);
  return (
    <StoryViewer
      groups={messenger.stories.value ?? []}
      spot={spot.value}
      onSpot={(next) => (spot.value = next)}
      onClose={onClose}
    />
  );
}
