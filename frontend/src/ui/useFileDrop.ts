import type { TargetedDragEvent } from "preact";
import { useState } from "preact/hooks";

interface FileDrop {
  /** Files are above it now; say what letting go of them does. */
  isOver: boolean;
  /** For the element that takes them. */
  handlers: {
    onDragOver: (event: DragEvent) => void;
    onDragLeave: (event: TargetedDragEvent<HTMLElement>) => void;
    onDrop: (event: DragEvent) => void;
  };
}

/** Files dragged from the desktop onto a part of the page; null takes none. */
export function useFileDrop(onFiles: ((files: FileList) => void) | null): FileDrop {
  const [isOver, setOver] = useState(false);
  const handlers: FileDrop["handlers"] = {
    onDragOver: (event) => {
      if (onFiles === null || event.dataTransfer?.types.includes("Files") !== true) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: (event) => {
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
    },
    onDrop: (event) => {
      if (!isOver) return;
      event.preventDefault();
      setOver(false);
      if (event.dataTransfer !== null) onFiles?.(event.dataTransfer.files);
    },
  };
  return { isOver, handlers };
}
