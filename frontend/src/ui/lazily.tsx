import type { ComponentType } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { toast } from "./toast";
import { t } from "./words";

interface Closable {
  onClose?: () => void;
}

/**
 * A component whose code is fetched when it is first shown. It draws nothing until then; a line that breaks meanwhile is
 * told, and the next showing tries again. What has an `onClose` is closed by that, and by Escape while it waits: its owner
 * would otherwise take it for open, and could not show it anew.
 */
export function lazily<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [Part, setPart] = useState(() => loaded);
    const latest = useRef<Closable>(props);
    latest.current = props;
    useLayoutEffect(() => {
      if (loaded !== null) return;
      let shown = true;
      // What is left before it came must not come afterwards.
      const onKeyDown = (event: KeyboardEvent) => {
        if (event.key !== "Escape" || latest.current.onClose === undefined) return;
        event.preventDefault();
        latest.current.onClose();
      };
      const settle = () => removeEventListener("keydown", onKeyDown, true);
      addEventListener("keydown", onKeyDown, true);
      load().then(
        (part) => {
          settle();
          loaded = part;
          setPart(() => part);
        },
        () => {
          settle();
          toast(t("notLoaded"), { tone: "danger" });
          if (shown) latest.current.onClose?.();
        },
      );
      return () => {
        shown = false;
        settle();
      };
    }, []);
    return Part === null ? null : <Part {...props} />;
  };
}
