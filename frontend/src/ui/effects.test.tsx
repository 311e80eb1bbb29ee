import { act, cleanup, render } from "@testing-library/preact";
import { afterEach, expect, it, vi } from "vitest";

import { CrosshairCursor, setCrosshair } from "./effects";

afterEach(cleanup);

it("shows its cross over bare ground alone", () => {
  vi.spyOn(window, "matchMedia").mockImplementation((query) => ({ matches: query.includes("fine") }) as MediaQueryList);
  const { container } = render(
    <>
      <CrosshairCursor />
      <main>
        <p>
          Words <strong>to read</strong>
        </p>
        <div id="said">said</div>
        <button type="button">
          <svg />
        </button>
        <dialog>
          <div id="asked" />
        </dialog>
        <div id="bare"> </div>
      </main>
    </>,
  );
  const cross = container.querySelector<HTMLElement>(".fx-cross");
  const over = (selector: string) => {
    const event = new Event("pointermove", { bubbles: true });
    container.querySelector(selector)?.dispatchEvent(Object.assign(event, { pointerType: "mouse", clientX: 1, clientY: 2 }));
    return cross?.hidden === false;
  };
  expect(["p", "strong", "#said", "button", "svg", "#asked", "#bare", "main"].filter(over)).toEqual(["#bare", "main"]);
});

it("shows no cross in a browser that was told so", () => {
  vi.spyOn(window, "matchMedia").mockImplementation((query) => ({ matches: query.includes("fine") }) as MediaQueryList);
  const { container } = render(
    <>
      <CrosshairCursor />
      <main />
    </>,
  );
  const isShown = () => {
    const event = new Event("pointermove", { bubbles: true });
    container.querySelector("main")?.dispatchEvent(Object.assign(event, { pointerType: "mouse", clientX: 1, clientY: 2 }));
    return container.querySelector<HTMLElement>(".fx-cross")?.hidden === false;
  };
  expect(isShown()).toBe(true);
  void act(() => setCrosshair(false));
  expect(isShown()).toBe(false);
  expect(localStorage.getItem("kintsugi.crosshair")).toBe("off");
  void act(() => setCrosshair(true));
  expect(isShown()).toBe(true);
});
