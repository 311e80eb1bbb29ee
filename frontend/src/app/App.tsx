import { useEffect } from "preact/hooks";

import { session } from "@/lib/api";
import type { Config, SessionState } from "@/lib/api";
import { config } from "@/lib/config";
import { navigate, path, query, safeReturnPath } from "@/lib/router";
import { CrosshairCursor, Scanlines, ToastRegion } from "@/ui";

import { ErrorBoundary } from "./ErrorBoundary";
import type { Feature } from "./feature";
import { availableFeatures, findRoute, homePath } from "./features";
import type { Match } from "./features";
import { redirectFor } from "./guard";
import { NotFound } from "./NotFound";
import { Page } from "./Page";
import { Shell } from "./Shell";
import { StartFailed, Starting } from "./StartScreens";

const QUIET_MS = 1500;

export function App() {
  return (
    <>
      <Root config={config.value} state={session.value} />
      <ToastRegion />
      <Scanlines />
      <CrosshairCursor />
    </>
  );
}

function Root({ config, state }: { config: Config | null; state: SessionState }) {
  if (state.status === "unreachable") return <StartFailed />;
  if (config === null || state.status === "starting") return <Starting />;
  return <Routed config={config} signedIn={state.status === "signed-in"} />;
}

function Routed({ config, signedIn }: { config: Config; signedIn: boolean }) {
  const features = availableFeatures(config);
  useBackground(config, signedIn);
  const match = findRoute(features, path.value);
  const home = homePath(features);
  const next = safeReturnPath(query.value.get("next"), home);
  const redirect = redirectFor({ path: path.value, search: query.value.toString(), match, signedIn, home, next });

  useEffect(() => {
    if (redirect !== null) navigate(redirect, { replace: true });
  }, [redirect]);

  if (redirect !== null) return <Starting />;
  return (
    <Shell features={features} layout={match?.route.layout ?? "page"}>
      <Content match={match} features={features} home={home} />
    </Shell>
  );
}

/** What features do behind every page waits until the first page is there. */
function useBackground(config: Config, signedIn: boolean): void {
  useEffect(() => {
    if (!signedIn) return;
    const timer = setTimeout(() => {
      for (const { background } of availableFeatures(config)) {
        // Without it the feature's own page does the work once it is opened.
        void background?.().then(
          ({ start }) => start(),
          () => undefined,
        );
      }
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }, [config, signedIn]);
}

interface ContentProps {
  match: Match | null;
  features: readonly Feature[];
  home: string;
}

function Content({ match, features, home }: ContentProps) {
  if (match === null) return <NotFound home={home} />;
  // A page that broke must not stay broken after going elsewhere.
  return (
    <ErrorBoundary key={match.route.path} home={home}>
      <Page match={match} features={features} />
    </ErrorBoundary>
  );
}
