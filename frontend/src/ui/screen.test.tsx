import { act, cleanup, render, screen } from "@testing-library/preact";
import { afterEach, expect, it, vi } from "vitest";

import { BREAKPOINTS, useBreakpoint } from "./screen";

afterEach(cleanup);

it("follows the window as it grows and shrinks", async () => {
  const query = Object.assign(new EventTarget(), { matches: false });
  const asked = vi.spyOn(window, "matchMedia").mockReturnValue(query as unknown as MediaQueryList);
  const Probe = () => <p>{useBreakpoint("desk") ? "wide" : "narrow"}</p>;
  render(<Probe />);
  expect(screen.getByText("narrow")).toBeTruthy();
  expect(asked).toHaveBeenCalledWith(`(width >= ${BREAKPOINTS.desk}px)`);
  await act(() => {
    query.matches = true;
    query.dispatchEvent(new Event("change"));
  });
  expect(screen.getByText("wide")).toBeTruthy();
});
