import { render } from "preact";
import { expect, test, vi } from "vitest";

import { useBack } from "./useBack";

function Layer({ onClose }: { onClose: () => void }) {
  useBack(true, onClose);
  return null;
}

test("who goes back the moment a layer is shown closes that layer and not the one below", () => {
  const host = document.createElement("div");
  const closeBelow = vi.fn();
  const closeTop = vi.fn();
  const below = <Layer key="below" onClose={closeBelow} />;
  render(below, host);

  render([below, <Layer key="top" onClose={closeTop} />], host);
  window.dispatchEvent(new PopStateEvent("popstate", { state: null }));

  expect(closeTop).toHaveBeenCalledOnce();
  expect(closeBelow).not.toHaveBeenCalled();
  render(null, host);
});
