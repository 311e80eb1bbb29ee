import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

import { toast } from "./toast";
import { t } from "./words";

/**
 * A component whose code is fetched when it is first shown. It draws nothing until then; a line that breaks meanwhile is
 * told, and the next showing tries again.
 */
export function lazily<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [Part, setPart] = useState(() => loaded);
    useEffect(() => {
      if (loaded !== null) return;
      load().then(
        (part) => {
          loaded = part;
          setPart(() => part);
        },
        () => toast(t("notLoaded"), { tone: "danger" }),
      );
    }, []);
    return Part === null ? null : <Part {...props} />;
  };
}
