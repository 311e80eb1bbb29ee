import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { toast } from "./toast";
import { t } from "./words";

interface Closable {
  onClose?: () => void;
}

/**
 * A component whose code is fetched when it is first shown. It draws nothing until then; a line that breaks meanwhile is
 * told, and the next showing tries again. What has an `onClose` is closed by that: its owner would otherwise take it for
 * open, and could not show it anew.
 */
export function lazily<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [Part, setPart] = useState(() => loaded);
    const latest = useRef<Closable>(props);
    latest.current = props;
    useEffect(() => {
      if (loaded !== null) return;
      let shown = true;
      load().then(
        (part) => {
          loaded = part;
          setPart(() => part);
        },
        () => {
          toast(t("notLoaded"), { tone: "danger" });
          if (shown) latest.current.onClose?.();
        },
      );
      return () => {
        shown = false;
      };
    }, []);
    return Part === null ? null : <Part {...props} />;
  };
}
