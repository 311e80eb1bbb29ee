import { useEffect, useRef, useState } from "preact/hooks";

import type { CodeView } from "@/lib/markdown/code";

/** A diagram as the chats with models show it; its source until that has come. */
export function Diagram({ source }: { source: string }) {
  const host = useRef<HTMLDivElement>(null);
  const [isThere, setThere] = useState(false);
  useEffect(() => {
    let view: CodeView | null = null;
    let isWanted = true;
    void import("@/lib/markdown/code").then(({ mountCode }) => {
      if (!isWanted || host.current === null) return;
      view = mountCode(source, "mermaid", true);
      host.current.replaceChildren(view.element);
      setThere(true);
    });
    return () => {
      isWanted = false;
      view?.dispose();
    };
  }, [source]);
  return (
    <>
      <div ref={host} />
      {!isThere && (
        <pre dir="ltr" tabIndex={0}>
          <code>{source}</code>
        </pre>
      )}
    </>
  );
}
