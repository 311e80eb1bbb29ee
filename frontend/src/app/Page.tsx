import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

import { useRouteTitle } from "@/lib/title";
import { Button, EmptyState, Skeleton } from "@/ui";

import type { Feature, FeatureRoute, PageProps } from "./feature";
import type { Match } from "./features";
import styles from "./Shell.module.css";
import { t } from "./words";

/** Pages that were loaded once, so that coming back to one shows it at once. */
const loaded = new Map<FeatureRoute, ComponentType<PageProps>>();

/** Only the first page of a visit leaves the focus where the browser put it. */
let isFirstPage = true;

/** The page of a route: fetched when first needed, named in the title, given the focus. */
export function Page({ match: { route, params }, features }: { match: Match; features: readonly Feature[] }) {
  const [Component, setComponent] = useState(() => loaded.get(route));
  const [failed, setFailed] = useState(false);
  useRouteTitle(route.title());

  useEffect(() => {
    if (Component) return;
    let wanted = true;
    route.load().then(
      (module) => {
        loaded.set(route, module.default);
        if (wanted) setComponent(() => module.default);
      },
      () => {
        if (wanted) setFailed(true);
      },
    );
    return () => {
      wanted = false;
    };
  }, [route, Component]);

  useEffect(() => {
    if (Component) focusPage();
  }, [Component]);

  if (failed) return <Stale />;
  return Component ? <Component params={params} features={features} /> : <Waiting />;
}

function Waiting() {
  return (
    <div class={styles.waiting}>
      <Skeleton lines={5} />
    </div>
  );
}

/** A chunk that is gone means a new release as often as a broken line; both need a fresh page. */
function Stale() {
  const reload = (
    <Button variant="primary" icon="refresh" onClick={() => window.location.reload()}>
      {t("reload")}
    </Button>
  );
  return (
    <EmptyState icon="warning" title={t("stale")} action={reload}>
      {t("staleText")}
    </EmptyState>
  );
}

function focusPage(): void {
  if (isFirstPage) {
    isFirstPage = false;
    return;
  }
  const main = document.getElementById("main");
  if (main === null || main.contains(document.activeElement)) return;
  const heading = main.querySelector("h1");
  heading?.setAttribute("tabindex", "-1");
  (heading ?? main).focus({ preventScroll: true });
  main.scrollTo(0, 0);
}
